namespace GraphRewrite.Kernels;

/// <summary>Something to be computed for which there are several formulations.</summary>
/// <param name="Name">What reports and options call it.</param>
internal abstract record Part(string Name)
{
    public abstract IEnumerable<IFormulation> All { get; }
}

/// <summary>A part with its formulations.</summary>
/// <typeparam name="TProblem">What describes one case of it.</typeparam>
/// <param name="Name">What reports and options call it.</param>
/// <param name="Formulations">All of them; where costs are equal, best first.</param>
internal sealed record Part<TProblem>(string Name, IReadOnlyList<IFormulation<TProblem>> Formulations) : Part(Name)
{
    public override IEnumerable<IFormulation> All => Formulations;

    /// <summary>The formulation that the target forces, if it fits; else the cheapest that fits, the first of equals; null where none fits.</summary>
    public IFormulation<TProblem>? Choose(TProblem problem, LoweringTarget target)
    {
        IFormulation<TProblem>[] fitting = [.. Formulations.Where(formulation => formulation.Fits(problem, target))];
        string? forced = target.Forced[Name];
        return fitting.FirstOrDefault(formulation => formulation.Name == forced) ?? fitting.MinBy(formulation => formulation.Cost(problem, target));
    }
}
