namespace GraphRewrite.IR;

/// <summary>An operation: operator, inputs, outputs, attributes. Made by <see cref="IR.Graph"/> and the builders on it.</summary>
public sealed class Node
{
    private readonly List<Value?> inputs = [];
    private readonly List<Value?> outputs = [];
    private readonly List<NodeAttribute> attributes = [];

    internal Node(Graph graph, OpId op, string name)
    {
        Graph = graph;
        Op = op;
        Name = name;
    }

    /// <summary>The graph that it stands in.</summary>
    public Graph Graph { get; }

    /// <summary>The operator.</summary>
    public OpId Op { get; }

    /// <summary>Its name, which no other node of the graph has; "" where the file gives none.</summary>
    public string Name { get; }

    /// <summary>The inputs; null where an optional one is left out.</summary>
    public IReadOnlyList<Value?> Inputs => inputs;

    /// <summary>The outputs; null where an optional one is left out.</summary>
    public IReadOnlyList<Value?> Outputs => outputs;

    /// <summary>The attributes that are written down; one that is missing has the operator's default.</summary>
    public IReadOnlyList<NodeAttribute> Attributes => attributes;

    /// <summary>Values of the outer graph that subgraphs of this node capture by name.</summary>
    public IReadOnlyList<Value> Captured { get; internal set; } = [];

    internal LinkedListNode<Node>? Place { get; set; }

    /// <summary>The graphs inside: branches of If, bodies of Loop and Scan.</summary>
    public IEnumerable<Graph> Subgraphs => attributes.SelectMany(attribute => attribute.Subgraphs);

    /// <summary>The metadata properties that were read with it.</summary>
    internal IReadOnlyDictionary<string, string> Metadata { get; set; } = Graph.NoMetadata;

    /// <summary>The name in its file, where that is not unique there; null elsewhere.</summary>
    internal string? WrittenName { get; set; }

    /// <summary>What it was read from, for its writer alone: documentation, unknown fields. Null for a node that was built.</summary>
    internal object? Origin { get; set; }

    /// <summary>A required input.</summary>
    public Value In(int index) => inputs.Count > index && inputs[index] is { } value
        ? value
        : throw this.Invalid($"it lacks its input {index}");

    /// <summary>An optional input, null where absent.</summary>
    public Value? InOrNull(int index) => index < inputs.Count ? inputs[index] : null;

    /// <summary>A required output.</summary>
    public Value Out(int index) => OutOrNull(index)
        ?? throw this.Invalid($"it lacks its output {index}");

    /// <summary>An optional output, null where absent.</summary>
    public Value? OutOrNull(int index) => index < outputs.Count ? outputs[index] : null;

    /// <summary>Whether an output exists and somebody wants it.</summary>
    internal bool IsOutputUsed(int index) => OutOrNull(index) is { IsUsed: true };

    /// <summary>Whether an attribute is written down.</summary>
    public bool Has(string attribute) => attributes.Exists(a => a.Name == attribute);

    /// <summary>An integer attribute.</summary>
    /// <param name="attribute">Its name.</param>
    /// <param name="otherwise">The operator's default.</param>
    /// <exception cref="Diagnostics.GraphRewriteException">It is of another type.</exception>
    public long Int(string attribute, long otherwise) => Get<long?>(attribute) ?? otherwise;

    /// <summary>A float attribute.</summary>
    /// <inheritdoc cref="Int(string, long)"/>
    public float Float(string attribute, float otherwise) => Get<float?>(attribute) ?? otherwise;

    /// <summary>A text attribute.</summary>
    /// <inheritdoc cref="Int(string, long)"/>
    public string String(string attribute, string otherwise) => Get<string>(attribute) ?? otherwise;

    /// <summary>An attribute of several integers; null where it is missing.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">It is of another type.</exception>
    public long[]? Ints(string attribute) => Get<long[]>(attribute);

    /// <summary>An attribute of several floats; null where it is missing.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">It is of another type.</exception>
    public float[]? Floats(string attribute) => Get<float[]>(attribute);

    /// <summary>An attribute of several texts; null where it is missing.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">It is of another type.</exception>
    public string[]? Strings(string attribute) => Get<string[]>(attribute);

    /// <summary>A tensor attribute; null where it is missing.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">It is of another type.</exception>
    public Tensor? TensorAttribute(string attribute) => Get<Tensor>(attribute);

    internal void SetAttribute(string name, object value)
    {
        var attribute = new NodeAttribute(name, value);
        int at = attributes.FindIndex(a => a.Name == name);
        if (at < 0) attributes.Add(attribute);
        else attributes[at] = attribute;
    }

    internal void RemoveAttribute(string name) => attributes.RemoveAll(a => a.Name == name);

    internal void SetInput(int index, Value? value)
    {
        while (inputs.Count <= index) inputs.Add(null);
        inputs[index]?.RemoveUse(this, index);
        inputs[index] = value;
        value?.AddUse(this, index);
    }

    /// <summary>Makes an output of this node another value, which must have no producer. The old value is left without one.</summary>
    internal void SetOutput(int index, Value? value)
    {
        while (outputs.Count <= index) outputs.Add(null);
        if (outputs[index] is { } old) old.Producer = null;
        outputs[index] = value;
        if (value is null) return;
        if (value.Producer is not null) throw new InvalidOperationException($"'{value.Name}' has a producer already.");
        value.Producer = this;
        value.ProducerIndex = index;
    }

    /// <summary>Makes the outputs the values of these names; "" leaves an optional one out.</summary>
    /// <exception cref="Diagnostics.GraphRewriteException">A value is made, fed or stored already.</exception>
    internal void SetOutputs(IEnumerable<string> names)
    {
        foreach ((int i, string name) in names.Index())
        {
            Value? output = name.Length == 0 ? null : Graph.GetOrAddValue(name);
            if (output is { Producer: not null } or { IsGraphInput: true } or { IsInitializer: true })
                throw new Diagnostics.GraphRewriteException($"the value '{name}' is made twice, the second time by node {this}.");
            SetOutput(i, output);
        }
    }

    /// <summary>Drops the outputs from a position on; nobody may use them.</summary>
    internal void TrimOutputs(int count)
    {
        foreach (Value? dropped in outputs.Skip(count).ToArray())
        {
            if (dropped is null) continue;
            dropped.Producer = null;
            Graph.Remove(dropped);
        }
        if (outputs.Count > count) outputs.RemoveRange(count, outputs.Count - count);
    }

    internal void Add(NodeAttribute attribute) => attributes.Add(attribute);

    /// <summary>
    /// Notes the values around that the subgraphs among the attributes use by name, and keeps the names that they make from new values. To be
    /// called again when a subgraph has changed.
    /// </summary>
    internal void CaptureBySubgraphs()
    {
        for (int i = 0; i < Captured.Count; i++) Captured[i].RemoveUse(this, -1 - i);
        foreach (Graph subgraph in Subgraphs) Graph.Reserve(subgraph);
        Captured = [.. Subgraphs.SelectMany(subgraph => subgraph.Captures).Select(value => value.Name).Distinct().Select(Graph.GetOrAddValue)];
        for (int i = 0; i < Captured.Count; i++) Captured[i].AddUse(this, -1 - i);
    }

    /// <summary>The same node in another graph; uses and the place among the nodes are the caller's.</summary>
    internal Node CopyInto(Graph copy, IReadOnlyDictionary<Value, Value> valueOf, Func<Graph, Graph> copySubgraph)
    {
        var twin = new Node(copy, Op, Name)
        {
            WrittenName = WrittenName,
            Metadata = Metadata,
            Origin = Origin,
            Captured = [.. Captured.Select(value => valueOf[value])],
        };
        twin.inputs.AddRange(inputs.Select(value => value is null ? null : valueOf[value]));
        twin.attributes.AddRange(attributes.Select(attribute => attribute.WithSubgraphs(copySubgraph)));
        foreach (Value? output in outputs)
        {
            Value? made = output is null ? null : valueOf[output];
            if (made is not null) (made.Producer, made.ProducerIndex) = (twin, twin.outputs.Count);
            twin.outputs.Add(made);
        }
        return twin;
    }

    private T? Get<T>(string name)
    {
        object? value = attributes.Find(a => a.Name == name)?.Value;
        return value is T typed ? typed
            : value is null ? default
            : throw this.Invalid($"attribute '{name}' is a {value.GetType().Name}, not a {typeof(T).Name}");
    }

    /// <summary>How messages name a node: its name and operator with opset.</summary>
    public override string ToString() => $"'{Name}' ({Op}, opset {Graph.OpsetOf(Op.Domain)})";
}
