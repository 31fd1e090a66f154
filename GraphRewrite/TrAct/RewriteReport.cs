using System.Globalization;
using System.Text;
using GraphRewrite.Diagnostics;

namespace GraphRewrite.TrAct;

/// <summary>What the TrAct rewrite did.</summary>
/// <param name="Lambda">λ.</param>
/// <param name="Layers">One entry for each weight gradient that was replaced.</param>
/// <param name="Warnings">What the user should know about the choice of layers.</param>
public sealed record RewriteReport(double Lambda, IReadOnlyList<RewrittenLayer> Layers, IReadOnlyList<Finding> Warnings)
{
    /// <summary>The report in words, a line a layer and a warning; settings in neutral words.</summary>
    public override string ToString() => Describe();

    /// <summary>The report in words, a line a layer and a warning.</summary>
    /// <param name="settingName">What the program calls a setting; null for neutral words.</param>
    public string Describe(Func<Setting, string>? settingName = null)
    {
        var text = new StringBuilder();
        foreach (RewrittenLayer layer in Layers)
            text.AppendLine(CultureInfo.InvariantCulture, $"TrAct (λ = {Lambda}) in {layer}");
        foreach (Finding warning in Warnings) text.AppendLine(CultureInfo.InvariantCulture, $"warning: {ErrorText.Compose(warning, settingName)}");
        return text.ToString();
    }
}

/// <summary>A layer whose weight gradient was replaced.</summary>
/// <param name="Node">The operation.</param>
/// <param name="Parameter">The parameter that its weight is computed from.</param>
/// <param name="Kind">Conv, Gemm or MatMul.</param>
/// <param name="Gradient">The name of the weight gradient, which is now TrAct's.</param>
/// <param name="M">Output features (of all groups).</param>
/// <param name="N">Input features of a row (of one group).</param>
/// <param name="Rows">b, the number of rows in a step, as far as it is known.</param>
/// <param name="Groups">Groups of a Conv.</param>
/// <param name="Form">"primal" or "dual".</param>
public sealed record RewrittenLayer(
    string Node, string Parameter, string Kind, string Gradient, long M, long N, string Rows, long Groups, string Form)
{
    /// <summary>The layer in words: operator, name, parameter, m, n, b, form.</summary>
    public override string ToString() =>
        $"{Kind} '{Node}' ({Parameter}): m = {M}, n = {N}, b = {Rows}{(Groups > 1 ? $", {Groups} groups" : "")}, {Form} form";
}
