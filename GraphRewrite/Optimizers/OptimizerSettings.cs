namespace GraphRewrite.Optimizers;

/// <summary>The update rule of a step graph and its constants. The learning rate is an input of the graph.</summary>
public abstract record OptimizerSettings
{
    /// <summary>The optimizers are SGD and AdamW.</summary>
    private protected OptimizerSettings()
    {
    }

    /// <summary>Weight decay λ_w, relative to the learning rate (AdamW) or added to the gradient (SGD).</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether weight decay leaves vectors and scalars (biases, scales of normalizations) alone.</summary>
    public bool DecayMatricesOnly { get; init; }

    /// <summary>The largest norm of all gradients together, beyond which they are scaled down; null for no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The state that goes with each parameter: suffixes of P.m, P.v.</summary>
    internal abstract IReadOnlyList<string> Moments { get; }

    /// <summary>How commands and reports name it.</summary>
    public abstract string Name { get; }
}

/// <summary>Stochastic gradient descent as torch.optim.SGD has it.</summary>
public sealed record SgdSettings : OptimizerSettings
{
    /// <summary>μ ≥ 0: how much of the last step goes on; 0 for none.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the gradient is looked at one step ahead: g' + μ m' in place of m'.</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    internal override IReadOnlyList<string> Moments => Momentum == 0 ? [] : ["m"];

    /// <inheritdoc/>
    public override string Name => "SGD";

    /// <summary>The constants in words, for reports.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"SGD, momentum {Momentum}{(Nesterov ? " (Nesterov)" : "")}, weight decay {WeightDecay}");
}

/// <summary>Adam with decoupled weight decay.</summary>
public sealed record AdamWSettings : OptimizerSettings
{
    /// <summary>β₁ in [0, 1): how slowly the mean of the gradients m forgets.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂ in [0, 1): how slowly the mean of their squares v forgets.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε &gt; 0, beside √v in the divisor.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Whether m and v, which begin at zero, are divided by 1 − β₁ᵗ and 1 − β₂ᵗ in step t.</summary>
    public bool CorrectBias { get; init; } = true;

    /// <summary>Where ε and the bias corrections enter.</summary>
    public AdamMode Mode { get; init; } = AdamMode.PyTorch;

    /// <inheritdoc/>
    internal override IReadOnlyList<string> Moments => ["m", "v"];

    /// <inheritdoc/>
    public override string Name => "AdamW";

    /// <summary>The constants in words, for reports.</summary>
    public override string ToString()
    {
        string bias = CorrectBias ? "" : ", without bias correction";
        return FormattableString.Invariant($"AdamW in the form of {Mode}, β₁ {Beta1}, β₂ {Beta2}, ε {Epsilon}, weight decay {WeightDecay}{bias}");
    }
}

/// <summary>The two forms of AdamW, with the numbers of ONNX Runtime Training's attribute <c>adam_mode</c>.</summary>
public enum AdamMode
{
    /// <summary>torch.optim.AdamW: v is divided by its bias correction before the root.</summary>
    PyTorch = 0,

    /// <summary>Hugging Face's: ε is added to the uncorrected root; weight decay comes last.</summary>
    HuggingFace = 1,
}
