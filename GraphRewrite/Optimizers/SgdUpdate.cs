using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Optimizers;

/// <summary>
/// torch.optim.SGD: g' = g + λ_w p; m' = μ m + g'; p' = p − η m' (Nesterov: p − η (g' + μ m')). Without momentum p' = p − η g'.
/// </summary>
internal sealed class SgdUpdate(SgdSettings settings, Value learningRate) : IParameterUpdate
{
    public IReadOnlyList<Value> Update(OpBuilder op, Value p, Value g, IReadOnlyList<Value> moments)
    {
        Value gradient = settings.Decays(p) ? g + (p * op.ScalarLike(p, settings.WeightDecay)) : g;
        if (moments.Count == 0) return [p - (gradient * learningRate)];

        Value mu = op.ScalarLike(p, settings.Momentum);
        Value m = (moments[0] * mu) + gradient;
        Value direction = settings.Nesterov ? gradient + (m * mu) : m;
        return [p - (direction * learningRate), m];
    }
}
