using GraphRewrite.Diagnostics;

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
    private object? initializerOrigin;
    private IReadOnlyList<Dim>? elements;

    internal Value(Graph graph, string name)
    {
        Graph = graph;
        Name = name;
    }

    /// <summary>The graph that it belongs to.</summary>
    public Graph Graph { get; }

    /// <summary>Its name, which no other value of the graph has.</summary>
    public string Name { get; internal set; }

    /// <summary>The element type; Undefined where it is not known.</summary>
    public ElementType Type { get; internal set; }

    /// <summary>Of a sequence: the element type of its tensors, whose shapes are not modeled. Undefined for a tensor.</summary>
    internal ElementType SequenceOf { get; set; }

    /// <summary>Null where not even the rank is known.</summary>
    public Shape? Shape { get; internal set; }

    /// <summary>The contents of a small integer or bool tensor where known, row-major: what a Shape or arithmetic on it gives.</summary>
    internal IReadOnlyList<Dim>? Elements
    {
        get => Initializer is { } tensor ? Dim.ElementsOf(tensor) : elements;
        set => elements = value;
    }

    /// <summary>The node that makes it; null for graph inputs and initializers.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>The position among the producer's outputs.</summary>
    internal int ProducerIndex { get; set; }

    /// <summary>The stored value of an initializer.</summary>
    public Tensor? Initializer { get; internal set; }

    /// <summary>Whether the graph stores its data.</summary>
    public bool IsInitializer => Initializer is not null || OpaqueInitializer is not null;

    /// <summary>Whether it is fed when the graph runs.</summary>
    public bool IsGraphInput { get; internal set; }

    /// <summary>Whether the graph gives it.</summary>
    public bool IsGraphOutput { get; internal set; }

    /// <summary>Every input of a node that this value is, and every capture by a subgraph.</summary>
    public IReadOnlyList<Use> Uses => uses;

    /// <summary>Whether somebody wants it: a node, a subgraph, or the graph as its output.</summary>
    public bool IsUsed => uses.Count > 0 || IsGraphOutput;

    /// <summary>The metadata properties that were read with its declaration or its initializer.</summary>
    internal IReadOnlyDictionary<string, string> Metadata { get; set; } = Graph.NoMetadata;

    /// <summary>An initializer that is carried along as it was read: strings, 4-bit numbers, a sparse tensor.</summary>
    internal Opaque? OpaqueInitializer { get; set; }

    /// <summary>What the initializer was read from, while <see cref="Initializer"/> is still that; for the writer alone.</summary>
    internal object? InitializerOrigin => ReferenceEquals(Initializer, initializerAsRead) ? initializerOrigin : null;

    /// <summary>The declaration it was read from, for the writer alone; it knows types that are no tensors, and documentation.</summary>
    internal object? Declaration { get; set; }

    /// <summary>Where a graph input is an output at the same time, what the output's declaration was.</summary>
    internal object? OutputDeclaration { get; set; }

    /// <summary>The type that the file declares, compared by contents; null where it declares none.</summary>
    internal object? DeclaredType { get; set; }

    /// <summary>A node with a subgraph that uses this value by name; null where there is none.</summary>
    internal Node? Capturer => uses.Find(use => use.Index < 0).Node;

    /// <summary>Makes every use of this value, graph outputs excepted, a use of another.</summary>
    internal void ReplaceAllUsesWith(Value other)
    {
        if (other == this) return;
        if (Capturer is { } node) throw node.Refuse($"a subgraph captures '{Name}'; a value used there cannot be replaced");
        foreach (Use use in uses.ToArray()) use.Node.SetInput(use.Index, other);
    }

    /// <summary>Notes what the present initializer was read from.</summary>
    internal void RememberOrigin(object? origin) => (initializerOrigin, initializerAsRead) = (origin, Initializer);

    /// <summary>The same value in another graph, without producer and uses.</summary>
    internal Value CopyInto(Graph copy) => new(copy, Name)
    {
        Type = Type,
        SequenceOf = SequenceOf,
        Shape = Shape,
        elements = elements,
        Initializer = Initializer,
        initializerAsRead = initializerAsRead,
        initializerOrigin = initializerOrigin,
        IsGraphInput = IsGraphInput,
        Metadata = Metadata,
        OpaqueInitializer = OpaqueInitializer,
        Declaration = Declaration,
        OutputDeclaration = OutputDeclaration,
        DeclaredType = DeclaredType,
    };

    /// <summary>The uses of another value, by the nodes that stand for its users, in the same order.</summary>
    internal void CopyUses(Value original, IReadOnlyDictionary<Node, Node> nodeOf) =>
        uses.AddRange(original.uses.Select(use => new Use(nodeOf[use.Node], use.Index)));

    internal void AddUse(Node node, int index) => uses.Add(new(node, index));

    internal void RemoveUse(Node node, int index) => uses.Remove(new(node, index));

    /// <summary>Emits A + B, broadcast, with the builder that is open on the graph.</summary>
    /// <exception cref="InvalidOperationException">No builder is open.</exception>
    public static Value operator +(Value a, Value b) => Emit("Add", a, b);

    /// <summary>Emits A − B.</summary>
    /// <inheritdoc cref="op_Addition(Value, Value)" path="/exception"/>
    public static Value operator -(Value a, Value b) => Emit("Sub", a, b);

    /// <summary>Emits A ⊙ B, element by element.</summary>
    /// <inheritdoc cref="op_Addition(Value, Value)" path="/exception"/>
    public static Value operator *(Value a, Value b) => Emit("Mul", a, b);

    /// <summary>Emits A / B, element by element; integers are cut off towards zero.</summary>
    /// <inheritdoc cref="op_Addition(Value, Value)" path="/exception"/>
    public static Value operator /(Value a, Value b) => Emit("Div", a, b);

    /// <summary>Emits −A.</summary>
    /// <inheritdoc cref="op_Addition(Value, Value)" path="/exception"/>
    public static Value operator -(Value a) => Emit("Neg", a);

    private static Value Emit(OpId op, Value a, params Value[] others) =>
        (a.Graph.Builder ?? throw new InvalidOperationException("No builder is open on this graph.")).Op(op, [a, .. others]);

    /// <summary>Name, type and shape: "x: Float[batch, 784]".</summary>
    public override string ToString() => $"{Name}: {Type}{Shape?.ToString() ?? "[…]"}";
}
