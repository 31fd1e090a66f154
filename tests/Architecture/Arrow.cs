namespace TrActOnnx.Tests.Architecture;

/// <summary>A namespace that uses another one.</summary>
/// <param name="From">The namespace that uses, without the project's name: "IR.Shapes".</param>
/// <param name="To">The namespace that is used.</param>
internal readonly record struct Arrow(string From, string To)
{
    public override string ToString() => $"{From} → {To}";
}
