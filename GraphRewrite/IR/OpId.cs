namespace GraphRewrite.IR;

/// <summary>
/// An operator: domain and type. The key of every table. ONNX's own domain is "" (its other spelling, "ai.onnx", is folded into it).
/// </summary>
public readonly record struct OpId(string Domain, string Type)
{
    /// <summary>ONNX's own domain.</summary>
    public const string Onnx = "";

    /// <summary>ONNX Runtime's contributed operators, the training ones among them.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>ONNX Runtime's blocked convolution kernels (CPU provider only).</summary>
    public const string Nchwc = "com.microsoft.nchwc";

    /// <summary>This project's own operators. They live between the TrAct rewrite and its lowering and never reach a file.</summary>
    public const string TrAct = "tract";

    /// <summary>A domain as a file writes it → as tables have it: ONNX's own has two spellings.</summary>
    internal static string FoldDomain(string domain) => domain == "ai.onnx" ? Onnx : domain;

    /// <summary>Reads "Relu" or "com.microsoft::ReluGrad".</summary>
    public static implicit operator OpId(string name) =>
        name.IndexOf("::", StringComparison.Ordinal) is >= 0 and int at ? new(name[..at], name[(at + 2)..]) : new(Onnx, name);

    /// <summary>"Relu", "com.microsoft::ReluGrad".</summary>
    public override string ToString() => Domain.Length == 0 ? Type : $"{Domain}::{Type}";
}
