using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Conv;

/// <summary>One formulation of a convolution, or of its input or weight gradient. All forms of one of these compute the same numbers; the cheapest is taken.</summary>
internal interface IConvForm : IFormulation
{
    /// <summary>Whether the form fits these shapes and attributes on this target.</summary>
    bool CanLower(Convolution conv, LoweringTarget target);

    /// <summary>Estimated milliseconds; only the order among forms matters.</summary>
    double Cost(Convolution conv, LoweringTarget target);

    /// <summary>The result.</summary>
    Value Emit(OpBuilder op, Convolution conv, LoweringTarget target);
}
