namespace GraphRewrite.IR.Shapes;

/// <summary>
/// Einsum: one letter an axis, "..." the broadcast rest; without "->" the letters that occur once, in alphabetical order, behind the rest.
/// </summary>
internal static class Einsum
{
    public static IReadOnlyList<ValueInfo> Infer(Node n)
    {
        string[] sides = n.String("equation", "").Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        var extents = new SortedDictionary<char, Dim>();
        Shape rest = Shape.Scalar;
        for (int i = 0; i < terms.Length; i++)
        {
            if (n.In(i).Shape is not { } x) return [new(n.In(0).Type, null)];
            string[] around = terms[i].Split("...");
            string letters = string.Concat(around);
            int covered = x.Rank - letters.Length;
            if (covered < 0 || (covered > 0 && around.Length == 1)) throw n.Misfit($"the term '{terms[i]}' has not the rank of input {i}");
            rest = Broadcasting.Of(n, rest, new Shape([.. x.Skip(around[0].Length).Take(covered)]))!;
            for (int letter = 0; letter < letters.Length; letter++)
            {
                Dim dim = x[letter < around[0].Length ? letter : letter + covered];
                extents[letters[letter]] = extents.TryGetValue(letters[letter], out Dim other) ? Broadcasting.Join(n, other, dim) : dim;
            }
        }
        string output = sides.Length > 1 ? sides[1] : "..." + string.Concat(extents.Keys.Where(letter => sides[0].Count(c => c == letter) == 1));
        string[] parts = output.Split("...");
        IEnumerable<Dim> broadcast = parts.Length > 1 ? rest : Shape.Scalar, behind = string.Concat(parts.Skip(1)).Select(Extent);
        return [new(n.In(0).Type, new([.. parts[0].Select(Extent), .. broadcast, .. behind]))];

        Dim Extent(char letter) => extents.TryGetValue(letter, out Dim dim) ? dim : throw n.Misfit($"the output's letter '{letter}' is in no term");
    }
}
