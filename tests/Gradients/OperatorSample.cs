using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Opsets;

namespace TrActOnnx.Tests.Gradients;

/// <summary>An input of the operator under test.</summary>
/// <param name="Tensor">Its value.</param>
/// <param name="IsStored">An initializer, as shapes and axes are in models; else fed.</param>
/// <param name="IsWanted">Whether its gradient is checked.</param>
/// <param name="IsStatic">Whether its shape is declared in full, as that of a weight is.</param>
internal sealed record Operand(Tensor Tensor, bool IsStored = false, bool IsWanted = true, bool IsStatic = false)
{
    public static Operand Stored(Tensor tensor) => new(tensor, IsStored: true, IsWanted: false);

    public static Operand Ints(params long[] integers) => Stored(Tensor.Vector(integers));

    /// <summary>Fed, without a gradient.</summary>
    public static Operand Fixed(Tensor tensor) => new(tensor, IsStored: false, IsWanted: false);
}

/// <summary>One random instance of an operator: its operands and attributes.</summary>
internal sealed record OperatorSample(Operand?[] Operands, (string Name, object Value)[] Attributes, int Outputs = 1)
{
    /// <summary>The opset that it is written in; another than the gradient rules' goes through the normal form of forward graphs first.</summary>
    public long Opset { get; init; } = UpgradeOpset.Target;

    /// <summary>Emits several nodes around the operator, instead of one; goes through the normal form first.</summary>
    public Func<OpBuilder, Value[], Value>? Subgraph { get; init; }

    public bool IsNormalized => Opset != UpgradeOpset.Target || Subgraph is not null;

    public static OperatorSample Around(Func<OpBuilder, Value[], Value> subgraph, params Operand?[] operands) =>
        new(operands, []) { Subgraph = subgraph };

    public static OperatorSample Of(params Operand?[] operands) => new(operands, []);

    public OperatorSample And(params (string Name, object Value)[] attributes) => this with { Attributes = [.. Attributes, .. attributes] };

    public OperatorSample With(params (string Name, object Value)[] attributes) => this with { Attributes = attributes };
}

/// <summary>A row of the operator table.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Draw">Makes a random instance.</param>
/// <param name="Precision">Double where ONNX Runtime's CPU provider has the kernels of the operator and of its gradient.</param>
internal sealed record OperatorRow(OpId Op, Func<Draw, OperatorSample> Draw, Precision Precision, string Variant = "")
{
    public override string ToString() => Variant.Length == 0 ? Op.ToString() : $"{Op} ({Variant})";
}

/// <summary>The element type of an operator's test, and what follows from it.</summary>
internal sealed record Precision(ElementType Type, double Step, double Tolerance)
{
    /// <summary>h = 1e-5: the error of the central difference is h² f‴ ≈ 1e-10, of rounding 1e-16 / h = 1e-11.</summary>
    public static Precision Float64 { get; } = new(ElementType.Double, 1e-5, 1e-6);

    /// <summary>h = 1/128: h² f‴ / 6 ≈ 1e-5 and rounding 6e-8 / h ≈ 1e-5 of sums of a few hundred terms, each times some ten.</summary>
    public static Precision Float32 { get; } = new(ElementType.Float, 1.0 / 128, 2e-3);

    /// <summary>Linear in each operand: the central difference is exact whatever its step, so only rounding is left.</summary>
    public static Precision Linear { get; } = new(ElementType.Float, 0.5, 2e-5);
}
