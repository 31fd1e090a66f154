using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>One formulation of a convolution's input or weight gradient. All forms of a gradient compute the same numbers; the cheapest is taken.</summary>
internal interface IConvGradientForm
{
    /// <summary>What reports and tests call it.</summary>
    string Name { get; }

    /// <summary>Whether the form fits these shapes and attributes on this target.</summary>
    bool CanLower(Convolution conv, LoweringTarget target);

    /// <summary>Estimated milliseconds of one core; only the order among forms matters.</summary>
    double Cost(Convolution conv, LoweringTarget target);

    /// <summary>The gradient.</summary>
    Value Emit(OpBuilder op, Convolution conv);
}
