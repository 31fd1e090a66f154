using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>One formulation of an average pool's gradient.</summary>
internal interface IAveragePoolGradForm
{
    /// <summary>What reports and tests call it.</summary>
    string Name { get; }

    /// <summary>Whether the form fits this window.</summary>
    bool CanLower(SlidingWindow window);

    /// <summary>dX.</summary>
    Value Emit(OpBuilder op, Node node, SlidingWindow window, long channels, LoweringTarget target);
}
