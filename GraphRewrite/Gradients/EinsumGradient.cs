using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = Einsum("a,b→y", A, B): dA = Einsum("y,b→a", dY, B).
/// An axis of A that neither Y nor another operand has was summed alone: dA is repeated along it.
/// An ellipsis stands for letters of its own, counted from its end; along these operands may be broadcast, and dA is summed.
/// A label that a term repeats is a diagonal: dA is 0 beside it.
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
        string present = string.Concat(term.Distinct().Where(label => Has(output, label) || others.Any(i => Has(terms[i], label))));
        string equation = $"{string.Join(',', others.Select(i => terms[i]).Prepend(output))}->{present}";
        Value dX = present.Length == 0 && others.Length == 0 ? dY
            : op.Op("Einsum", [dY, .. others.Select(n.In)], ("equation", equation));

        // In the order of A's axes, each label once: [present], then repeated along labels that were summed alone, then on the diagonal.
        string labels = string.Concat(term.Distinct());
        long[] alone = [.. Axes.Range(0, labels.Length).Where(axis => !Has(present, labels[(int)axis]))];
        if (alone.Length > 0)
        {
            long[] firsts = [.. labels.Select(label => (long)term.IndexOf(label, StringComparison.Ordinal))];
            dX = op.Expand(op.Unsqueeze(dX, alone), op.Gather(op.Shape(n.In(operand)), op.Ints(firsts)));
        }
        return labels.Length == term.Length ? dX : OnDiagonal(op, dX, n.In(operand), term);
    }

    /// <summary>[labels] → [term], a label that the term repeats along its diagonal, 0 beside it.</summary>
    private static Value OnDiagonal(OpBuilder op, Value dX, Value x, string term)
    {
        long[] added = [];
        Value? mask = null;
        for (int axis = 0; axis < term.Length; axis++)
        {
            int first = term.IndexOf(term[axis], StringComparison.Ordinal);
            if (first == axis) continue;
            added = [.. added, axis];
            Value isEqual = op.Op("Equal", [Positions(op, x, first, term.Length), Positions(op, x, axis, term.Length)]);
            mask = mask is null ? isEqual : op.Op("And", [mask, isEqual]);
        }
        return op.Where(mask!, op.Unsqueeze(dX, added), op.ScalarLike(dX, 0));
    }

    /// <summary>0, 1, … along an axis, shaped to broadcast.</summary>
    private static Value Positions(OpBuilder op, Value x, int axis, int rank) =>
        op.Unsqueeze(op.Range(op.Extent(x, axis)), [.. Axes.Range(0, rank).Where(other => other != axis)]);

    /// <summary>Without "→": the ellipsis, then the labels that occur once, in alphabetical order.</summary>
    private static string Implicit(string inputs) => (Has(inputs, '.') ? Ellipsis : "")
        + string.Concat(inputs.Where(label => char.IsLetter(label) && inputs.Count(other => other == label) == 1).Order());

    private static bool Has(string labels, char label) => labels.Contains(label, StringComparison.Ordinal);
}
