namespace TrActOnnx.Tests.Gradients;

/// <summary>Random instances of products.</summary>
internal static partial class OperatorRows
{
    private static OperatorSample MatMul(Draw d)
    {
        (long m, long k, long n) = (d.Int(1, 3), d.Int(1, 4), d.Int(1, 3));
        (long[] a, long[] b) = Broadcast(d);
        return d.Int(0, 5) switch
        {
            0 => OperatorSample.Of(d.Real(k), d.Real([.. b, k, n])),
            1 => OperatorSample.Of(d.Real([.. a, m, k]), d.Real(k)),
            2 => OperatorSample.Of(d.Real([.. a, m, k]), d.Real(k, n)),
            3 => OperatorSample.Of(d.Real(k), d.Real(k)),
            _ => OperatorSample.Of(d.Real([.. a, m, k]), d.Real([.. b, k, n])),
        };
    }

    private static OperatorSample Gemm(Draw d)
    {
        (long m, long k, long n) = (d.Int(1, 4), d.Int(1, 4), d.Int(1, 4));
        (bool transA, bool transB) = (d.Flip(), d.Flip());
        Operand a = transA ? d.Real(k, m) : d.Real(m, k), b = transB ? d.Real(n, k) : d.Real(k, n);
        Operand? c = d.Flip() ? d.Real(d.Narrower([m, n])) : null;
        return OperatorSample.Of(a, b, c).With(("transA", transA), ("transB", transB), ("alpha", d.One(1f, 0.5f)), ("beta", d.One(1f, 2f)));
    }

    private static OperatorSample Einsum(Draw d) => Einsum(d, d.One("ij,jk->ik", "bij,bjk->bik", "bhid,bhjd->bhij", "i,j->ij",
        "ij->i", "ij->ji", "ijk,k->ij", "ij,ij->", "bi,oij,bj->bo", "ij,k->i"));

    /// <summary>The output has the labels that occur once, in alphabetical order.</summary>
    private static OperatorSample EinsumWithoutOutput(Draw d) => Einsum(d, d.One("ij,jk", "kj,ji", "ba", "ii", "ci,bi,a"));

    private static OperatorSample Einsum(Draw d, string equation)
    {
        Dictionary<char, long> extents = equation.Where(char.IsLetter).Distinct().ToDictionary(label => label, _ => (long)d.Int(1, 3));
        string[] terms = equation.Split("->")[0].Split(',');
        return OperatorSample.Of([.. terms.Select(term => d.Real([.. term.Select(label => extents[label])]))]).With(("equation", equation));
    }

    /// <summary>The ellipsis stands for up to two axes, the same in all operands: ONNX's shape inference refuses different ranks.</summary>
    private static OperatorSample EinsumWithEllipsis(Draw d)
    {
        string equation = d.One("...ij,...jk->...ik", "...i,ij->...j", "b...d,bd->b...",
            "...ij->...ji", "...i,...i->...", "i...,i...->...", "...ij->...i", "h...,j->jh...", "...kj,...ji", "...i");
        Dictionary<char, long> extents = equation.Where(char.IsLetter).Distinct().ToDictionary(label => label, _ => (long)d.Int(1, 3));
        long[] wide = d.Shape(0, 2, 3);
        string[] terms = equation.Split("->")[0].Split(',');
        return OperatorSample.Of([.. terms.Select(term => d.Real(Fill(term, wide)))]).With(("equation", equation));

        long[] Fill(string term, long[] rest) => [.. term.Split("...")[0].Select(label => extents[label]),
            .. term.Contains('.') ? rest : [], .. string.Concat(term.Split("...").Skip(1)).Select(label => extents[label])];
    }
}
