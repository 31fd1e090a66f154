namespace GraphRewrite.Kernels;

/// <summary>Something to be computed for which there are several formulations.</summary>
/// <param name="Name">What reports and options call it.</param>
internal abstract record Part(string Name)
{
    public abstract IEnumerable<IFormulation> All { get; }

    /// <summary>Those of fewest launches: what CUDA takes, in this order. The costs are those of the CPU.</summary>
    public IReadOnlyList<string> OnCuda { get; init; } = [];
}

/// <summary>A part with its formulations.</summary>
/// <typeparam name="TProblem">What describes one case of it.</typeparam>
/// <param name="Name">What reports and options call it.</param>
/// <param name="Formulations">All of them; where costs are equal, best first.</param>
internal sealed record Part<TProblem>(string Name, IReadOnlyList<IFormulation<TProblem>> Formulations) : Part(Name)
{
    public override IEnumerable<IFormulation> All => Formulations;

    /// <summary>
    /// The formulation that the target forces, if it fits; on CUDA the first of <see cref="Part.OnCuda"/> that does; else the cheapest, the first of
    /// equals; null where none fits.
    /// </summary>
    public IFormulation<TProblem>? Choose(TProblem problem, LoweringTarget target)
    {
        IFormulation<TProblem>[] fitting = [.. Formulations.Where(formulation => formulation.Fits(problem, target))];
        string? forced = target.Forced[Name];
        IEnumerable<string> preferred = target.Device == ExecutionDevice.Cuda ? OnCuda : [];
        return fitting.FirstOrDefault(formulation => formulation.Name == forced)
            ?? preferred.Select(name => Array.Find(fitting, formulation => formulation.Name == name)).FirstOrDefault(found => found is not null)
            ?? fitting.MinBy(formulation => formulation.Cost(problem, target));
    }
}
