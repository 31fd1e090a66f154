using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = Einsum("a,b→y", A, B): dA = Einsum("y,b→a", dY, B). An axis of A that neither Y nor another operand has was summed alone: dA is repeated along it.
/// </summary>
internal static class EinsumGradient
{
    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        string equation = n.String("equation", "").Replace(" ", "", StringComparison.Ordinal);
        if (equation.Contains('.', StringComparison.Ordinal)) throw new GraphRewriteException($"{n}: the ellipsis in '{equation}' has no gradient here; write the axes out");
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (terms.Any(term => term.Distinct().Count() != term.Length)) throw new GraphRewriteException($"{n}: the diagonal in '{equation}' has no gradient here");
        string output = sides.Length > 1 ? sides[1] : Implicit(sides[0]);
        return [.. terms.Select((_, i) => OfOperand(op, n, dY, terms, output, i))];
    }

    private static Value OfOperand(OpBuilder op, Node n, Value dY, string[] terms, string output, int operand)
    {
        int[] others = [.. Enumerable.Range(0, terms.Length).Where(i => i != operand)];
        string term = terms[operand];
        string present = string.Concat(term.Where(label => output.Contains(label, StringComparison.Ordinal) || others.Any(i => terms[i].Contains(label, StringComparison.Ordinal))));
        string equation = $"{string.Join(',', others.Select(i => terms[i]).Prepend(output))}->{present}";
        Value dX = op.Op("Einsum", [dY, .. others.Select(n.In)], ("equation", equation));
        long[] alone = [.. Enumerable.Range(0, term.Length).Where(axis => !present.Contains(term[axis], StringComparison.Ordinal)).Select(axis => (long)axis)];
        return alone.Length == 0 ? dX : op.Expand(op.Unsqueeze(dX, alone), op.Shape(n.In(operand)));
    }

    /// <summary>Without "→": the labels that occur once, in alphabetical order.</summary>
    private static string Implicit(string inputs) =>
        string.Concat(inputs.Where(label => label != ',' && inputs.Count(other => other == label) == 1).Order());
}
