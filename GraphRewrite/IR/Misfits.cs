using GraphRewrite.Diagnostics;

namespace GraphRewrite.IR;

/// <summary>Refusals of nodes that cannot be right.</summary>
internal static class Misfits
{
    /// <summary>The refusal of operands that cannot be right, with their shapes.</summary>
    public static GraphRewriteException Misfit(this Node node, Phrase found)
    {
        IEnumerable<string> inputs = node.Inputs.Select(input => input is null ? "''" : $"'{input.Name}' {input.Shape?.ToString() ?? "[…]"}");
        return node.Invalid($"{found} (inputs {string.Join(", ", inputs)})");
    }
}
