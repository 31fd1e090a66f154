using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = Einsum("a,b→y", A, B): dA = Einsum("y,b→a", dY, B).
/// An axis of A that neither Y nor another operand has was summed alone: dA is repeated along it.
/// An ellipsis stands for letters of its own, counted from its end; along these operands may be broadcast, and dA is summed.
/// </summary>
internal static class EinsumGradient
{
    private const string Ellipsis = "...";

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        string[] sides = n.String("equation", "").Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        string output = sides.Length > 1 ? sides[1] : Implicit(sides[0]);
        int[] hidden = [.. terms.Select((term, i) => Hidden(n, term, i))];
        string letters = string.Concat(Letters.Where(letter => !Has(sides[0], letter)).Take(hidden.Max()));
        terms = [.. terms.Select((term, i) => term.Replace(Ellipsis, letters[^hidden[i]..], StringComparison.Ordinal))];
        output = output.Replace(Ellipsis, letters, StringComparison.Ordinal);
        if (terms.Any(term => term.Distinct().Count() != term.Length))
            throw n.Refuse($"the diagonal in '{n.String("equation", "")}' has no gradient here");
        return [.. terms.Select((_, i) => Broadcast.SumTo(op, OfOperand(op, n, dY, terms, output, i), n.In(i)))];
    }

    /// <summary>How many axes an ellipsis stands for.</summary>
    private static int Hidden(Node n, string term, int operand)
    {
        if (!term.Contains(Ellipsis, StringComparison.Ordinal)) return 0;
        Value x = n.In(operand);
        if (x.Shape is { } shape) return shape.Rank - (term.Length - Ellipsis.Length);
        throw n.Refuse(
            $"the rank of '{x.Name}' is not known, but the ellipsis stands for its axes", "Run ONNX shape inference on the model");
    }

    private static Value OfOperand(OpBuilder op, Node n, Value dY, string[] terms, string output, int operand)
    {
        int[] others = [.. Enumerable.Range(0, terms.Length).Where(i => i != operand)];
        string term = terms[operand];
        string present = string.Concat(term.Where(label => Has(output, label) || others.Any(i => Has(terms[i], label))));
        string equation = $"{string.Join(',', others.Select(i => terms[i]).Prepend(output))}->{present}";
        Value dX = op.Op("Einsum", [dY, .. others.Select(n.In)], ("equation", equation));
        long[] alone = [.. Axes.Range(0, term.Length).Where(axis => !Has(present, term[(int)axis]))];
        return alone.Length == 0 ? dX : op.Expand(op.Unsqueeze(dX, alone), op.Shape(n.In(operand)));
    }

    /// <summary>Without "→": the ellipsis, then the labels that occur once, in alphabetical order.</summary>
    private static string Implicit(string inputs) => (Has(inputs, '.') ? Ellipsis : "")
        + string.Concat(inputs.Where(label => char.IsLetter(label) && inputs.Count(other => other == label) == 1).Order());

    private static bool Has(string labels, char label) => labels.Contains(label, StringComparison.Ordinal);
}
