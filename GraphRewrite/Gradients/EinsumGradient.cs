using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = Einsum("a,b→y", A, B): dA = Einsum("y,b→a", dY, B). An axis of A that neither Y nor another operand has was summed alone: dA is repeated along it.
/// An ellipsis stands for letters of its own, counted from its end; along these operands may be broadcast, and dA is summed.
/// </summary>
internal static class EinsumGradient
{
    private const string Ellipsis = "...";

    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        string[] sides = n.String("equation", "").Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        string output = sides.Length > 1 ? sides[1] : Implicit(sides[0]);
        int[] hidden = [.. terms.Select((term, i) => Hidden(n, term, i))];
        string letters = string.Concat(Enumerable.Range('A', 26).Concat(Enumerable.Range('a', 26)).Select(letter => (char)letter).Where(letter => !sides[0].Contains(letter, StringComparison.Ordinal)).Take(hidden.Max()));
        terms = [.. terms.Select((term, i) => term.Replace(Ellipsis, letters[^hidden[i]..], StringComparison.Ordinal))];
        output = output.Replace(Ellipsis, letters, StringComparison.Ordinal);
        if (terms.Any(term => term.Distinct().Count() != term.Length)) throw n.Refuse($"the diagonal in '{n.String("equation", "")}' has no gradient here");
        return [.. terms.Select((_, i) => Broadcast.SumTo(op, OfOperand(op, n, dY, terms, output, i), n.In(i)))];
    }

    /// <summary>How many axes an ellipsis stands for.</summary>
    private static int Hidden(Node n, string term, int operand)
    {
        if (!term.Contains(Ellipsis, StringComparison.Ordinal)) return 0;
        return n.In(operand).Shape is { } shape ? shape.Rank - (term.Length - Ellipsis.Length)
            : throw n.Refuse($"the rank of '{n.In(operand).Name}' is not known, but the ellipsis stands for its axes", "Run ONNX shape inference on the model");
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

    /// <summary>Without "→": the ellipsis, then the labels that occur once, in alphabetical order.</summary>
    private static string Implicit(string inputs) => (inputs.Contains('.', StringComparison.Ordinal) ? Ellipsis : "")
        + string.Concat(inputs.Where(label => char.IsLetter(label) && inputs.Count(other => other == label) == 1).Order());
}
