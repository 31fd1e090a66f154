using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>Where nodes take their parameters, and which stored tensor arrives there.</summary>
internal static class WeightSlots
{
    /// <summary>Whether an input is one that modules keep a weight matrix, a kernel, an embedding or PReLU's slope for.</summary>
    public static bool IsWeight(Use use) =>
        (use.Node.Op.Type, use.Index) is ("Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "PRelu", 1) or ("Gather", 0);

    /// <summary>Whether an input is a weight, or a scale or bias of a normalization.</summary>
    public static bool IsParameter(Use use) =>
        IsWeight(use) || (use.Node.Op.Type, use.Index) is
            ("BatchNormalization" or "LayerNormalization" or "InstanceNormalization" or "GroupNormalization" or "RMSNormalization", 1 or 2)
            or ("Conv" or "ConvTranspose" or "Gemm", 2);
}
