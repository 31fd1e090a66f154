using System.Globalization;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>Stored data compared bit by bit, with words for the first difference.</summary>
internal static class Contents
{
    /// <summary>How the stored data of two values differ; null: they do not.</summary>
    public static string? Difference(Value before, Value after)
    {
        if (before.Initializer is { } b && after.Initializer is { } a) return Difference(b, a);
        if (before.OpaqueInitializer is { } stored && after.OpaqueInitializer is { } other)
            return stored.SameAs(other) ? null : "other contents in AFTER";
        return before.IsInitializer == after.IsInitializer ? before.IsInitializer ? "stored in another form in AFTER" : null
            : before.IsInitializer ? "no initializer in AFTER" : "no initializer in BEFORE";
    }

    /// <summary>Attributes that differ. A default that is written out differs from one that is not.</summary>
    /// <param name="before">A node of BEFORE.</param>
    /// <param name="after">Its counterpart.</param>
    /// <param name="sameBranches">Whether two attributes with graphs inside are the same.</param>
    public static IEnumerable<string> AttributeDifferences(Node before, Node after, Func<NodeAttribute, NodeAttribute, bool> sameBranches)
    {
        foreach ((Node node, string where) in new[] { (before, "BEFORE"), (after, "AFTER") })
        {
            if (node.Attributes.GroupBy(attribute => attribute.Name).FirstOrDefault(alike => alike.Count() > 1) is not { } twice) continue;
            yield return $"{where} gives the attribute {twice.Key} {twice.Count()} times, which ONNX does not allow";
            yield break;
        }
        Dictionary<string, NodeAttribute> others = after.Attributes.ToDictionary(attribute => attribute.Name);
        foreach (NodeAttribute attribute in before.Attributes)
        {
            if (!others.Remove(attribute.Name, out NodeAttribute? other)) yield return $"attribute {attribute} is missing in AFTER";
            else if (!(attribute.Subgraphs.Count > 0 && other.Subgraphs.Count > 0 ? sameBranches(attribute, other) : attribute.SameAs(other)))
                yield return Words(attribute, other);
        }
        foreach (NodeAttribute added in others.Values) yield return $"AFTER adds the attribute {added}";
    }

    private static string Words(NodeAttribute before, NodeAttribute after) => before.Value is Tensor b && after.Value is Tensor a
        ? $"attribute {before.Name}: {Difference(b, a)}"
        : $"attribute {before} in BEFORE, {after} in AFTER";

    private static string? Difference(Tensor before, Tensor after)
    {
        if (before.Type != after.Type || !before.Dims.SequenceEqual(after.Dims)) return $"{before} in BEFORE, {after} in AFTER";
        int at = before.Data.Span.CommonPrefixLength(after.Data.Span);
        if (at == before.Data.Length) return null;
        int element = at / before.Type.SizeOf();
        (double b, double a) = (before.ToDouble()[element], after.ToDouble()[element]);
        return string.Create(CultureInfo.InvariantCulture, $"element {element} is {b:R} in BEFORE, {a:R} in AFTER");
    }
}
