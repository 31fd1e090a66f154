namespace TrainingHost.Commands;

/// <summary>What a word was probably meant to be.</summary>
internal static class Suggestions
{
    /// <summary>Names of other programs for options of this one, without hyphens.</summary>
    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["learningrate"] = "--lr",
        ["rate"] = "--lr",
        ["wd"] = "--weight-decay",
        ["l2"] = "--weight-decay",
        ["bs"] = "--batch-size",
        ["batch"] = "--batch-size",
        ["opt"] = "--optimizer",
        ["eps"] = "--epsilon",
        ["out"] = "--output",
        ["dataset"] = "--data",
        ["gpu"] = "--device",
        ["cuda"] = "--device",
        ["clip"] = "--clip-norm",
        ["criterion"] = "--loss",
        ["iterations"] = "--steps",
        ["jobs"] = "--threads",
    };

    /// <summary>The option of the verb that was probably meant; null for none.</summary>
    public static string? Option(string word, IReadOnlyCollection<string> options)
    {
        string name = word.Split('=')[0];
        return Synonyms.GetValueOrDefault(Bare(name)) is { } synonym && options.Contains(synonym) ? synonym : Nearest(name, options);
    }

    /// <summary>The candidate with the fewest letters changed, swapped, left out or put in; null where more than a third would have to be.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string bare = Bare(word);
        (string Name, int Distance)[] near =
        [
            .. from candidate in candidates
            let known = Bare(candidate)
            let distance = known.StartsWith(bare, StringComparison.Ordinal) && bare.Length > 2 ? 1 : Distance(bare, known)
            where distance * 3 <= Math.Max(bare.Length, 3)
            orderby distance
            select (candidate, distance),
        ];
        return near.Length > 0 ? near[0].Name : null;
    }

    /// <summary>batchsize, for --batch-size and --batch_size; resnet18 for resnet18.onnx.</summary>
    private static string Bare(string word) =>
        (word.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? word[..^5] : word).Replace("-", "", StringComparison.Ordinal)
            .Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Damerau and Levenshtein's distance, where a swap of neighbours counts once (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(changed, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
