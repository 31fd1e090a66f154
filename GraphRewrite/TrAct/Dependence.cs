using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace GraphRewrite.TrAct;

/// <summary>
/// What depends on what: on the batch (but for mere shapes), on parameters, and which nodes are the forward pass.
/// </summary>
internal sealed class Dependence
{
    private readonly HashSet<Value> fromBatch = [];
    private readonly HashSet<Node> forward = [];
    private readonly HashSet<string> userInputs;

    public Dependence(Graph graph, TrActOptions options)
    {
        userInputs = [.. options.UserInputs];
        Gradients = options.Trainable.Select(name => (Name: name, Gradient: graph.Find(GradientNames.Of(name))))
            .Where(pair => pair.Gradient is not null).ToDictionary(pair => pair.Gradient!, pair => pair.Name);
        fromBatch.UnionWith(options.UserInputs.Select(graph.Find).OfType<Value>());
        foreach (Node node in graph.Nodes.Where(node => node.Op.Type is not ("Shape" or "Size")))
            if (Walk.Operands(node).Any(fromBatch.Contains)) fromBatch.UnionWith(node.Outputs.OfType<Value>());
        FindForward(graph);
    }

    /// <summary>The gradient values of the trainable parameters, with the parameters' names.</summary>
    public IReadOnlyDictionary<Value, string> Gradients { get; }

    /// <summary>Whether the contents (not only the shape) of a value come from the batch.</summary>
    public bool IsFromBatch(Value value) => fromBatch.Contains(value);

    public bool IsForward(Node node) => forward.Contains(node);

    /// <summary>Graph inputs and initializers that a value is computed from.</summary>
    public IReadOnlyList<Value> Sources(Value value) =>
        [.. Walk.Upstream(value).Where(v => v.Producer is null && !userInputs.Contains(v.Name))];

    /// <summary>The parameters whose gradients a value flows into.</summary>
    public HashSet<string> ParametersFedBy(Value value)
    {
        var parameters = new HashSet<string>();
        foreach (Value reached in Walk.Downstream([value], stop: Gradients.ContainsKey))
            if (Gradients.TryGetValue(reached, out string? parameter)) parameters.Add(parameter);
        return parameters;
    }

    /// <summary>
    /// The forward pass is what leads to outputs that are no gradients (the loss); without such outputs every node may belong to it.
    /// </summary>
    private void FindForward(Graph graph)
    {
        HashSet<Value> gradients = Walk.Downstream(Gradients.Keys);
        Value[] results = [.. graph.Outputs.Where(output => !gradients.Contains(output))];
        if (results.Length == 0) forward.UnionWith(graph.Nodes);
        forward.UnionWith(Walk.Upstream(results).Select(value => value.Producer).OfType<Node>());
    }
}
