using GraphRewrite.Diagnostics;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.IR.Building;

/// <summary>
/// Emits nodes at one place of a graph under one name prefix. While it is open, the operators + - * / on values emit there too.
/// </summary>
public sealed partial class OpBuilder : IOpEmitter, IDisposable
{
    private readonly IOpEmitter? outer;
    private readonly Node? place;
    private readonly long most;
    private long emitted;

    internal OpBuilder(Graph graph, Node? place, string prefix)
    {
        Graph = graph;
        Prefix = prefix;
        this.place = place;
        most = place is null ? long.MaxValue : Limits.Nodes;
        outer = graph.Builder;
        graph.Builder = this;
    }

    /// <summary>The graph that it emits into.</summary>
    public Graph Graph { get; }

    /// <summary>What the names of its nodes and constants begin with.</summary>
    public string Prefix { get; }

    /// <summary>ONNX's opset of the graph, for operators whose form changed.</summary>
    public long Opset => Graph.OpsetOf(OpId.Onnx);

    /// <summary>Ends the builder: the one that was open before it takes over.</summary>
    public void Dispose() => Graph.Builder = outer;

    /// <summary>A node with one output.</summary>
    public Value Op(OpId op, IReadOnlyList<Value?> inputs, params (string Name, object Value)[] attributes) => Ops(op, inputs, 1, attributes)[0];

    /// <summary>A node with several outputs.</summary>
    /// <exception cref="GraphRewriteException">What is emitted in the place of one node has more nodes than a graph may have.</exception>
    public Value[] Ops(OpId op, IReadOnlyList<Value?> inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        if (++emitted > most)
            throw new GraphRewriteException(Limits.Exceeded(Setting.MaxNodes, $"it becomes {emitted:N0} nodes or more") with { Place = place!.Where() });
        Graph.Opsets.TryAdd(op.Domain, 1);
        Node node = Graph.AddNode(op, $"{Prefix}/{op.Type}", inputs, place);
        foreach ((string name, object value) in attributes) node.Add(new(name, value));
        var made = new Value[outputs];
        for (int i = 0; i < outputs; i++)
        {
            made[i] = Graph.NewValue(outputs == 1 ? $"{node.Name}_output" : $"{node.Name}_output_{i}");
            node.SetOutput(i, made[i]);
        }
        ShapeInference.Infer(node);
        return made;
    }

    /// <summary>An initializer.</summary>
    public Value Constant(Tensor tensor) => Graph.AddInitializer($"{Prefix}/const", tensor);

    /// <summary>A one-dimensional int64 initializer: a shape, axes, sizes.</summary>
    public Value Ints(params long[] elements) => Constant(Tensor.Vector(elements));

    /// <summary>A scalar with another value's element type.</summary>
    public Value ScalarLike(Value like, double value) =>
        Constant(Tensor.Scalar(like.Type.FloatIfUndefined(), value));
}
