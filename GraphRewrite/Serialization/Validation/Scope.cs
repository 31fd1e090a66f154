namespace GraphRewrite.Serialization.Validation;

/// <summary>The names that are known at a place: those of the graph so far, and those of the graphs around it.</summary>
/// <param name="outer">The graph around this one; null for a model's own and for a function's body.</param>
/// <param name="makers">What each value of this graph is made by, wherever that stands.</param>
internal sealed class Scope(Scope? outer, IReadOnlyDictionary<string, string> makers)
{
    private readonly HashSet<string> known = [];

    public bool Add(string name) => known.Add(name);

    public bool Knows(string name) => known.Contains(name) || outer?.Knows(name) == true;

    /// <summary>The node that makes a value of this graph or one around it; null where none does.</summary>
    public string? MakerOf(string name) => makers.GetValueOrDefault(name) ?? outer?.MakerOf(name);
}
