using GraphRewrite.Forward;
using GraphRewrite.IR;

namespace TrainingHost.Models;

/// <summary>Extents of the symbols that a model leaves open: what the options say, else what is found.</summary>
internal static class OpenSizes
{
    /// <param name="forward">What the options say.</param>
    /// <param name="find">The model's inputs → the extent of each symbol, as far as it is found.</param>
    /// <param name="say">Is told what was taken of that, where anything was; null: nobody.</param>
    public static ForwardOptions ElseSizes(
        this ForwardOptions forward,
        Func<IReadOnlyList<Value>, IReadOnlyDictionary<string, long>> find,
        Action<IReadOnlyList<KeyValuePair<string, long>>>? say = null)
    {
        return forward with { Sizes = All };

        Dictionary<string, long> All(IReadOnlyList<Value> inputs)
        {
            Dictionary<string, long> sizes = forward.Sizes?.Invoke(inputs).ToDictionary() ?? [];
            KeyValuePair<string, long>[] taken = [.. find(inputs).Where(pair => sizes.TryAdd(pair.Key, pair.Value))];
            if (taken.Length > 0) say?.Invoke(taken);
            return sizes;
        }
    }
}
