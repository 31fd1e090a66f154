namespace GraphRewrite.TrAct;

/// <summary>What the rewrite needs to know beside the graph.</summary>
public sealed record TrActOptions
{
    /// <summary>
    /// λ &gt; 0: how much a large weight change costs against a well met proposal. Small: nearly the least-squares fit; large: nearly dW/λ.
    /// </summary>
    public double Lambda { get; init; } = TrActNames.DefaultLambda;

    /// <summary>Names or globs of nodes or parameters; empty: the first layer.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>The graph inputs that a batch feeds.</summary>
    public required IReadOnlyList<string> UserInputs { get; init; }

    /// <summary>The parameters that are trained. The gradient of a parameter P is the value P_grad.</summary>
    public required IReadOnlyList<string> Trainable { get; init; }

    /// <summary>The batch size where the graph leaves it open; only the choice of the form depends on it.</summary>
    public long? BatchSize { get; init; }

    /// <summary>Which of the two equal forms of the gradient is written.</summary>
    public TrActForm Form { get; init; } = TrActForm.Automatic;
}

/// <summary>The two ways to write the same gradient.</summary>
public enum TrActForm
{
    /// <summary>The cheaper one, as far as the shapes tell.</summary>
    Automatic,

    /// <summary>dW (XᵀX/b + λI)⁻¹: solves n × n.</summary>
    Primal,

    /// <summary>dYᵀ (XXᵀ/b + λI)⁻¹ X: solves b × b.</summary>
    Dual,
}
