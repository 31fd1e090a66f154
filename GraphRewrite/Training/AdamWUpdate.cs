using GraphRewrite.IR;

namespace GraphRewrite.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter, ICLR 2019) with t = step + 1:
/// m' = β₁ m + (1 − β₁) g, v' = β₂ v + (1 − β₂) g².
/// PyTorch: p' = (1 − η λ_w) p − η/(1 − β₁ᵗ) · m' / (√v'/√(1 − β₂ᵗ) + ε).
/// Hugging Face: q = p − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m' / (√v' + ε), p' = (1 − η λ_w) q.
/// </summary>
internal sealed class AdamWUpdate : IParameterUpdate
{
    private readonly AdamWSettings settings;
    private readonly Value stepSize;
    private readonly Value? rootScale;
    private readonly Value? keep;

    public AdamWUpdate(AdamWSettings settings, OpBuilder op, Value learningRate, Value step)
    {
        this.settings = settings;
        bool torch = settings.Mode == AdamMode.PyTorch;
        if (settings.WeightDecay != 0) keep = op.ScalarLike(learningRate, 1) - (learningRate * op.ScalarLike(learningRate, settings.WeightDecay));
        if (!settings.CorrectBias)
        {
            stepSize = learningRate;
            return;
        }

        // In double: 1 − 0.999ᵗ keeps only four digits in float.
        Value t = op.Cast(step + op.Ints(1), ElementType.Double);
        Value one = op.ScalarLike(t, 1);
        Value correction1 = one - op.Op("Pow", [op.ScalarLike(t, settings.Beta1), t]);
        Value rootCorrection2 = op.Sqrt(one - op.Op("Pow", [op.ScalarLike(t, settings.Beta2), t]));
        Value rate = op.Cast(learningRate, ElementType.Double);
        stepSize = op.Cast(torch ? rate / correction1 : rate * rootCorrection2 / correction1, ElementType.Float);
        if (torch) rootScale = op.Cast(one / rootCorrection2, ElementType.Float);
    }

    public IReadOnlyList<Value> Update(OpBuilder op, Value p, Value g, IReadOnlyList<Value> moments)
    {
        Value m = (moments[0] * op.ScalarLike(p, settings.Beta1)) + (g * op.ScalarLike(p, 1 - settings.Beta1));
        Value v = (moments[1] * op.ScalarLike(p, settings.Beta2)) + (g * g * op.ScalarLike(p, 1 - settings.Beta2));
        Value root = op.Sqrt(v);
        if (rootScale is not null) root *= rootScale;
        Value change = m * stepSize / (root + op.ScalarLike(p, settings.Epsilon));
        if (!settings.Decays(p)) return [p - change, m, v];
        return [settings.Mode == AdamMode.PyTorch ? (p * keep!) - change : (p - change) * keep!, m, v];
    }
}
