using GraphRewrite.IR;

namespace GraphRewrite.NormalForm.Fusions;

/// <summary>Questions that the fusions ask of a graph.</summary>
internal static class Matching
{
    /// <summary>Of the number itself, as float32 stores it.</summary>
    private const double Precision = 1e-6;

    /// <summary>A stored single number.</summary>
    public static double? Number(this Value? value) =>
        value is { IsGraphInput: false, Initializer: { Length: 1 } tensor } && tensor.Type.IsFloating() ? tensor.ToDouble()[0] : null;

    public static bool IsNumber(this Value? value, double number) =>
        value.Number() is { } stored && Math.Abs(stored - number) <= Precision * Math.Abs(number);

    /// <summary>The operand beside a given one.</summary>
    public static Value? Beside(this Node node, Value operand) => node.InOrNull(0) == operand ? node.InOrNull(1) : node.InOrNull(0);

    /// <summary>The one node that uses a value, where it is the operator asked for; null where others see the value too.</summary>
    public static Node? OnlyUse(this Value value, OpId op) =>
        value is { IsGraphOutput: false, Uses: [{ Index: >= 0, Node: var node }] } && node.Op == op ? node : null;

    public static Node? MadeBy(this Value? value, OpId op) => value?.Producer is { } node && node.Op == op ? node : null;
}
