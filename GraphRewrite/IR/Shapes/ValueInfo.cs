namespace GraphRewrite.IR.Shapes;

/// <summary>
/// What a rule finds out about one output: its type, its shape (null where not even the rank is known), its contents where they are shape arithmetic.
/// </summary>
internal sealed record ValueInfo(ElementType Type, Shape? Shape, IReadOnlyList<Dim>? Elements = null)
{
    public static ValueInfo Nothing { get; } = new(ElementType.Undefined, null);

    /// <summary>The type and shape of another value.</summary>
    public static ValueInfo Like(Value value) => new(value.Type, value.Shape);

    /// <summary>The type and shape of an optional value.</summary>
    public static ValueInfo LikeOrNothing(Value? value) => value is null ? Nothing : Like(value);
}
