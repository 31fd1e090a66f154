using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Optimizers;

/// <summary>One optimizer step in a graph: built once for the scalars, then once for each parameter.</summary>
internal interface IParameterUpdate
{
    /// <summary>The new parameter, then its new moments in the order of <see cref="OptimizerSettings.Moments"/>.</summary>
    /// <param name="op">Where to emit.</param>
    /// <param name="p">The parameter, of any shape.</param>
    /// <param name="g">Its gradient, of the same shape.</param>
    /// <param name="moments">Its moments, of the same shape.</param>
    IReadOnlyList<Value> Update(OpBuilder op, Value p, Value g, IReadOnlyList<Value> moments);
}

/// <summary>Makes the update of an optimizer.</summary>
internal static class ParameterUpdate
{
    /// <param name="settings">The optimizer.</param>
    /// <param name="op">Where to emit the scalars that all parameters share.</param>
    /// <param name="learningRate">float [1].</param>
    /// <param name="step">int64 [1]: how many steps were done before this one.</param>
    public static IParameterUpdate For(OptimizerSettings settings, OpBuilder op, Value learningRate, Value step) => settings switch
    {
        SgdSettings sgd => new SgdUpdate(sgd, learningRate),
        AdamWSettings adamW => new AdamWUpdate(adamW, op, learningRate, step),
        _ => throw new ArgumentException($"No update rule for {settings.Name}."),
    };

    /// <summary>Whether weight decay applies to a parameter.</summary>
    public static bool Decays(this OptimizerSettings settings, Value parameter) =>
        settings.WeightDecay != 0 && (!settings.DecayMatricesOnly || parameter.Shape is { Rank: > 1 });
}
