using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.Protos;

namespace GraphRewrite.IR;

/// <summary>An input of a node: the node and the position; −1 − i for the i-th value that its subgraphs capture.</summary>
public readonly record struct Use(Node Node, int Index);

/// <summary>
/// An edge of the graph: a name, a type, at most one producer, any number of uses. A value without producer is a graph input,
/// an initializer, or both (an input with a default).
/// </summary>
public sealed class Value
{
    private readonly List<Use> uses = [];
    private Tensor? initializerAsRead;
    private IReadOnlyList<Dim>? elements;

    internal Value(Graph graph, string name)
    {
        Graph = graph;
        Name = name;
    }

    public Graph Graph { get; }

    public string Name { get; internal set; }

    public ElementType Type { get; set; }

    /// <summary>Null where not even the rank is known.</summary>
    public Shape? Shape { get; set; }

    /// <summary>The contents of a small integer or bool tensor where known, row-major: what a Shape or arithmetic on it gives.</summary>
    public IReadOnlyList<Dim>? Elements
    {
        get => Initializer is { } tensor ? Dim.ElementsOf(tensor) : elements;
        internal set => elements = value;
    }

    /// <summary>The node that makes it; null for graph inputs and initializers.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>The position among the producer's outputs.</summary>
    public int ProducerIndex { get; internal set; }

    /// <summary>The stored value of an initializer.</summary>
    public Tensor? Initializer { get; internal set; }

    public bool IsInitializer => Initializer is not null || OpaqueInitializer is not null;

    public bool IsGraphInput { get; internal set; }

    public bool IsGraphOutput { get; internal set; }

    /// <summary>Every input of a node that this value is, and every capture by a subgraph.</summary>
    public IReadOnlyList<Use> Uses => uses;

    /// <summary>Whether somebody wants it: a node, a subgraph, or the graph as its output.</summary>
    public bool IsUsed => uses.Count > 0 || IsGraphOutput;

    /// <summary>An initializer that is kept as it was read: a TensorProto of strings or 4-bit numbers, a SparseTensorProto.</summary>
    internal IMessage? OpaqueInitializer { get; set; }

    /// <summary>The initializer's message, written again while <see cref="Initializer"/> is what was read from it.</summary>
    internal TensorProto? InitializerSource { get; private set; }

    /// <summary>Whether the initializer is still the one that was read.</summary>
    internal bool InitializerUnchanged => InitializerSource is not null && ReferenceEquals(Initializer, initializerAsRead);

    /// <summary>The value_info it was read from; it knows types that are no tensors, and documentation.</summary>
    internal ValueInfoProto? Source { get; set; }

    /// <summary>Where a graph input is an output at the same time, what the output's declaration was.</summary>
    internal ValueInfoProto? OutputSource { get; set; }

    /// <summary>A node with a subgraph that uses this value by name; null where there is none.</summary>
    internal Node? Capturer => uses.Find(use => use.Index < 0).Node;

    /// <summary>Makes every use of this value, graph outputs excepted, a use of another.</summary>
    public void ReplaceAllUsesWith(Value other)
    {
        if (other == this) return;
        if (Capturer is { } node) throw new GraphRewriteException($"'{Name}' is captured by a subgraph of node {node}; a value used there cannot be replaced.");
        foreach (Use use in uses.ToArray()) use.Node.SetInput(use.Index, other);
    }

    /// <summary>Notes the message that the present initializer was read from.</summary>
    internal void RememberSource(TensorProto? source) => (InitializerSource, initializerAsRead) = (source, Initializer);

    internal void AddUse(Node node, int index) => uses.Add(new(node, index));

    internal void RemoveUse(Node node, int index) => uses.Remove(new(node, index));

    public static Value operator +(Value a, Value b) => Emit("Add", a, b);

    public static Value operator -(Value a, Value b) => Emit("Sub", a, b);

    public static Value operator *(Value a, Value b) => Emit("Mul", a, b);

    public static Value operator /(Value a, Value b) => Emit("Div", a, b);

    public static Value operator -(Value a) => Emit("Neg", a);

    private static Value Emit(OpId op, Value a, params Value[] others) =>
        (a.Graph.Builder ?? throw new InvalidOperationException("No builder is open on this graph.")).Op(op, [a, .. others]);

    public override string ToString() => $"{Name}: {Type}{Shape?.ToString() ?? "[…]"}";
}
