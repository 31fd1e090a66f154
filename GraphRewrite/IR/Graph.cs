using GraphRewrite.Diagnostics;

namespace GraphRewrite.IR;

/// <summary>
/// A graph of nodes over named values, in execution order. Names are unique; every value knows its producer and its uses; edits keep both ends in
/// step. A subgraph (a branch of If, a body of Loop) is a graph too; a value that it captures from the graph around it is one without producer, input
/// or data.
/// </summary>
public sealed partial class Graph
{
    private readonly Dictionary<string, Value> values = [];
    private readonly LinkedList<Node> nodes = [];
    private readonly List<Value> inputs = [];
    private readonly List<Value> outputs = [];
    private readonly List<Value> initializers = [];
    private readonly HashSet<string> nodeNames = [];

    // Where the search for a free name goes on: thousands of values begin alike, and each search from 1 would make that quadratic.
    private readonly Dictionary<string, int> nextValue = [];
    private readonly Dictionary<string, int> nextNode = [];

    /// <summary>An empty graph.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="opsets">The version of each operator set by domain; ONNX's own domain is "".</param>
    public Graph(string name, IReadOnlyDictionary<string, long> opsets)
    {
        Name = name;
        Opsets = new(opsets);
    }

    /// <summary>A subgraph; it speaks the operator sets of the graph around it.</summary>
    internal Graph(string name, Graph outer)
    {
        Name = name;
        Opsets = outer.Opsets;
        Outer = outer;
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; internal set; }

    /// <summary>The graph around a subgraph; null for a model's own graph and for a function's body.</summary>
    internal Graph? Outer { get; }

    /// <summary>The version of each operator set by domain; a subgraph has those of the graph around it.</summary>
    public Dictionary<string, long> Opsets { get; }

    /// <summary>What is fed when it runs, in order; an input that is an initializer too has that for its default.</summary>
    public IReadOnlyList<Value> Inputs => inputs;

    /// <summary>What it gives, in order.</summary>
    public IReadOnlyList<Value> Outputs => outputs;

    /// <summary>Values with stored data, in file order.</summary>
    public IReadOnlyList<Value> Initializers => initializers;

    /// <summary>The nodes in execution order.</summary>
    public IReadOnlyCollection<Node> Nodes => nodes;

    /// <summary>All values: inputs, initializers, and what nodes make.</summary>
    public IReadOnlyCollection<Value> Values => values.Values;

    /// <summary>The builder that is open now: + − · / on values emit there.</summary>
    internal IOpEmitter? Builder { get; set; }

    /// <summary>Values that are taken from the graph around this one, by name, in the order of their first use.</summary>
    internal IEnumerable<Value> Captures => values.Values.Where(value => value is { Producer: null, IsGraphInput: false, IsInitializer: false });

    /// <summary>In a subgraph: a value of the graph around it, by name. The node that has the subgraph must take note of it.</summary>
    internal Value Capture(Value value)
    {
        Value captured = GetOrAddValue(value.Name);
        (captured.Type, captured.Shape) = (value.Type, value.Shape);
        return captured;
    }

    /// <summary>The metadata properties that were read with it.</summary>
    internal IReadOnlyDictionary<string, string> Metadata { get; set; } = NoMetadata;

    /// <summary>For all that has no metadata.</summary>
    internal static IReadOnlyDictionary<string, string> NoMetadata { get; } = new Dictionary<string, string>();

    /// <summary>What it was read from, for its writer alone: annotations, documentation, unknown fields. Null for a graph that was built.</summary>
    internal object? Origin { get; set; }

    /// <summary>Names that no new value may have: subgraphs make them, or value_info describes them although the graph has no such value.</summary>
    internal HashSet<string> Reserved { get; } = [];

    /// <summary>The version of a domain's operator set; 1 where the graph names none.</summary>
    public long OpsetOf(string domain) => Opsets.GetValueOrDefault(domain, 1);

    /// <summary>The value of a name; null where there is none.</summary>
    public Value? Find(string name) => values.GetValueOrDefault(name);

    /// <summary>The value of a name.</summary>
    /// <exception cref="GraphRewriteException">There is none.</exception>
    public Value Get(string name) => Find(name) ?? throw this.Refuse($"it has no value '{name}'");

    /// <summary>A new value with a unique name beginning as given.</summary>
    internal Value NewValue(string name, ElementType type = ElementType.Undefined, Shape? shape = null)
    {
        string unique = FreeName(name);
        return values[unique] = new(this, unique) { Type = type, Shape = shape };
    }

    /// <summary>Adds a graph input behind the others.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape; null where not even the rank is known.</param>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public Value AddInput(string name, ElementType type, Shape? shape)
    {
        if (values.ContainsKey(name)) throw new InvalidOperationException($"The name '{name}' is taken.");
        Value value = NewValue(name, type, shape);
        MarkInput(value);
        return value;
    }

    /// <summary>Adds stored data behind the others, under the name or, where that is taken, one that begins so.</summary>
    public Value AddInitializer(string name, Tensor tensor)
    {
        Value value = NewValue(name);
        SetInitializer(value, tensor);
        return value;
    }

    /// <summary>Stores (or replaces) the data of an initializer.</summary>
    internal void SetInitializer(Value value, Tensor tensor)
    {
        if (value.Producer is not null) throw new InvalidOperationException($"'{value.Name}' is made by {value.Producer}; it cannot be stored.");
        if (!value.IsInitializer) initializers.Add(value);
        value.OpaqueInitializer = null;
        value.Initializer = tensor;
        value.Type = tensor.Type;
        value.Shape = Shape.From(tensor.Dims);
    }

    /// <summary>Keeps an initializer that is not modeled as it was read.</summary>
    internal void SetOpaqueInitializer(Value value, Opaque data, ElementType type, IEnumerable<long> dims)
    {
        initializers.Add(value);
        value.OpaqueInitializer = data;
        value.Type = type;
        value.Shape = Shape.From(dims);
    }

    /// <summary>Takes the stored data away: the value becomes whatever its producer or the caller makes it.</summary>
    internal void RemoveInitializer(Value value)
    {
        initializers.Remove(value);
        value.Initializer = null;
        value.OpaqueInitializer = null;
        value.RememberOrigin(null);
    }

    /// <summary>
    /// Makes a value be what another one is: the value keeps its name, its uses and its place among the outputs; the other, freshly made, goes.
    /// The value's own producer is left without that output.
    /// </summary>
    /// <exception cref="InvalidOperationException">The value is stored or fed.</exception>
    internal void Redefine(Value value, Value other)
    {
        if (value == other) return;
        if (value.IsInitializer || value.IsGraphInput)
            throw new InvalidOperationException($"'{value.Name}' is an input or initializer; no node can make it.");
        value.Producer?.SetOutput(value.ProducerIndex, null);
        Node maker = other.Producer is { } producer && !other.IsGraphOutput ? producer : AddNode("Identity", $"{value.Name}/Identity", [other]);
        int index = maker == other.Producer ? other.ProducerIndex : 0;
        if (maker == other.Producer)
        {
            other.ReplaceAllUsesWith(value);
            maker.SetOutput(index, null);
            values.Remove(other.Name);
        }
        maker.SetOutput(index, value);
        if (value.Type == ElementType.Undefined) value.Type = other.Type;
        value.Shape ??= other.Shape;
    }

    /// <summary>
    /// Makes a name free for an input or output that others know by it: a value between that has it gets another one.
    /// </summary>
    /// <exception cref="GraphRewriteException">An input or output has the name, or a subgraph uses the value by it.</exception>
    internal void Vacate(string name)
    {
        if (Find(name) is not { } value) return;
        if (value.IsGraphInput || value.IsGraphOutput)
            throw this.Refuse($"it has an input or output '{name}', a name that the training graph gives to a value of its own", "Rename it");
        Rename(value, FreeName(name));
    }

    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    /// <exception cref="GraphRewriteException">A subgraph uses the value by its present name.</exception>
    internal void Rename(Value value, string name)
    {
        if (value.Name == name) return;
        if (value.Capturer is { } node) throw node.Refuse($"a subgraph captures '{value.Name}', which cannot be renamed to '{name}'");
        if (!values.TryAdd(name, value)) throw new InvalidOperationException($"The name '{name}' is taken.");
        values.Remove(value.Name);
        value.Name = name;
    }

    /// <summary>Adds a node with its inputs; the outputs are attached by <see cref="Node.SetOutput"/>.</summary>
    internal Node AddNode(OpId op, string name, IEnumerable<Value?> nodeInputs, Node? before = null)
    {
        string unique = name;
        while (unique.Length > 0 && !nodeNames.Add(unique)) unique = Numbered(name, nextNode);
        var node = new Node(this, op, unique);
        int index = 0;
        foreach (Value? input in nodeInputs) node.SetInput(index++, input);
        node.Place = before?.Place is { } place ? nodes.AddBefore(place, node) : nodes.AddLast(node);
        if (Outer is null && !Opsets.ContainsKey(op.Domain)) Opsets[op.Domain] = 1;
        return node;
    }

    /// <summary>Removes a node and its outputs.</summary>
    /// <exception cref="InvalidOperationException">An output is still used.</exception>
    internal void Remove(Node node)
    {
        foreach (Value output in node.Outputs.OfType<Value>())
        {
            if (output.IsUsed)
                throw new InvalidOperationException($"'{output.Name}' is still used; {node} cannot be removed.");
        }
        for (int i = 0; i < node.Inputs.Count; i++) node.SetInput(i, null);
        for (int i = 0; i < node.Captured.Count; i++) node.Captured[i].RemoveUse(node, -1 - i);
        foreach (Value output in node.Outputs.OfType<Value>().ToArray())
        {
            output.Producer = null;
            values.Remove(output.Name);
        }
        nodes.Remove(node.Place!);
        nodeNames.Remove(node.Name);
    }

    /// <summary>Removes a value that nobody makes or uses.</summary>
    internal void Remove(Value value)
    {
        if (value.IsUsed || value.Producer is not null)
            throw new InvalidOperationException($"'{value.Name}' is still made or used.");
        if (value.IsInitializer) initializers.Remove(value);
        if (value.IsGraphInput) inputs.Remove(value);
        values.Remove(value.Name);
    }

    /// <summary>Puts the nodes into another order.</summary>
    internal void Reorder(IReadOnlyList<Node> order)
    {
        if (order.Count != nodes.Count) throw new InvalidOperationException("An order must hold every node once.");
        nodes.Clear();
        foreach (Node node in order) node.Place = nodes.AddLast(node);
    }

    /// <summary>Names that a subgraph makes are not for new values.</summary>
    internal void Reserve(Graph subgraph) => Reserved.UnionWith(subgraph.Values.Except(subgraph.Captures).Select(value => value.Name));

    /// <summary>A name that no value has: the given one, or that with a number.</summary>
    internal string FreeName(string name)
    {
        string unique = name;
        while (IsTaken(unique)) unique = Numbered(name, nextValue);
        return unique;
    }

    /// <summary>Whether a new value may not have a name: it would hide one of the graphs around from the nodes here.</summary>
    private bool IsTaken(string name) => values.ContainsKey(name) || Reserved.Contains(name) || Outer?.IsTaken(name) == true;

    private static string Numbered(string name, Dictionary<string, int> next)
    {
        int number = next.GetValueOrDefault(name, 1);
        next[name] = number + 1;
        return $"{name}_{number}";
    }

    internal Value GetOrAddValue(string name) => values.TryGetValue(name, out Value? value) ? value : values[name] = new(this, name);
}
