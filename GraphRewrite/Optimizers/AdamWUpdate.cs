using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Optimizers;

/// <summary>
/// AdamW (Loshchilov and Hutter, ICLR 2019) with t = step + 1:
/// m' = β₁ m + (1 − β₁) g, v' = β₂ v + (1 − β₂) g².
/// PyTorch: p' = (1 − η λ_w) p − η/(1 − β₁ᵗ) · m' / (√v'/√(1 − β₂ᵗ) + ε).
/// Hugging Face: q = p − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m' / (√v' + ε), p' = (1 − η λ_w) q.
/// Both are written as p − s · m' / (√v' + e) with s = η √(1 − β₂ᵗ)/(1 − β₁ᵗ), and e = ε √(1 − β₂ᵗ) for PyTorch: a pass less over the parameter.
/// </summary>
internal sealed class AdamWUpdate : IParameterUpdate
{
    private readonly AdamWSettings settings;
    private readonly Value stepSize;
    private readonly Value epsilon;
    private readonly Value? keep;

    public AdamWUpdate(AdamWSettings settings, OpBuilder op, Value learningRate, Value step)
    {
        this.settings = settings;
        if (settings.WeightDecay != 0) keep = op.ScalarLike(learningRate, 1) - (learningRate * op.ScalarLike(learningRate, settings.WeightDecay));
        epsilon = op.ScalarLike(learningRate, settings.Epsilon);
        stepSize = learningRate;
        if (!settings.CorrectBias) return;

        // In double: 1 − 0.999ᵗ keeps only four digits in float.
        Value t = op.Cast(step + op.Ints(1), ElementType.Double);
        Value one = op.ScalarLike(t, 1);
        Value correction1 = one - op.Op("Pow", [op.ScalarLike(t, settings.Beta1), t]);
        Value rootCorrection2 = op.Sqrt(one - op.Op("Pow", [op.ScalarLike(t, settings.Beta2), t]));
        Value rate = op.Cast(learningRate, ElementType.Double);
        stepSize = op.Cast(rate * rootCorrection2 / correction1, ElementType.Float);
        if (settings.Mode == AdamMode.PyTorch) epsilon = op.Cast(rootCorrection2 * op.ScalarLike(t, settings.Epsilon), ElementType.Float);
    }

    public IReadOnlyList<Value> Update(OpBuilder op, Value p, Value g, IReadOnlyList<Value> moments)
    {
        Value m = (moments[0] * op.ScalarLike(p, settings.Beta1)) + (g * op.ScalarLike(p, 1 - settings.Beta1));
        Value v = (moments[1] * op.ScalarLike(p, settings.Beta2)) + (g * g * op.ScalarLike(p, 1 - settings.Beta2));
        Value change = m / (op.Sqrt(v) + epsilon) * stepSize;
        if (!settings.Decays(p)) return [p - change, m, v];
        return [settings.Mode == AdamMode.PyTorch ? (p * keep!) - change : (p - change) * keep!, m, v];
    }
}
