namespace GraphRewrite.Verification;

/// <summary>A batch: its size, and inputs offset + scale · N(0, 1): large or nearly constant ones make XᵀX/b + λI ill-conditioned.</summary>
internal sealed record Trial(long Batch, double Scale = 1, double Offset = 0)
{
    public override string ToString() => (Scale, Offset) switch
    {
        (1, 0) => $"batch {Batch}",
        (_, 0) => FormattableString.Invariant($"batch {Batch}, inputs {Scale} · N(0, 1)"),
        _ => FormattableString.Invariant($"batch {Batch}, inputs {Offset} + {Scale} · N(0, 1)"),
    };
}
