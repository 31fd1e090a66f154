using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.MaxPool;

/// <summary>One formulation of a max pool's gradient. All forms compute the same numbers, ties included.</summary>
internal interface IMaxPoolGradForm : IFormulation
{
    /// <summary>Whether what the form needs is known of this MaxPoolGrad.</summary>
    bool CanLower(Node node);

    /// <summary>Estimated nanoseconds of one core for each output; only the order among forms matters.</summary>
    double Cost(Node node);

    /// <summary>dX.</summary>
    Value Emit(OpBuilder op, Node node, LoweringTarget target);
}
