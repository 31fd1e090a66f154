namespace GraphRewrite.IR;

/// <summary>What arithmetic on values needs of a builder; the builder itself infers shapes, and so stands above the graph.</summary>
internal interface IOpEmitter
{
    /// <summary>A node with one output.</summary>
    Value Op(OpId op, IReadOnlyList<Value?> inputs, params (string Name, object Value)[] attributes);
}
