namespace TrainingHost.Data;

/// <summary>A dataset of one input whose examples are made to fit a model's (<see cref="InputFit"/>).</summary>
internal sealed class FittedDataset : IDataset
{
    private readonly IDataset inner;
    private readonly InputFit fit;

    public FittedDataset(IDataset inner, string input, InputFit fit)
    {
        (this.inner, this.fit) = (inner, fit);
        Inputs = [inner.Inputs[0] with { Name = input, Dims = fit.Dims }];
    }

    public string Name => inner.Name;

    public int Count => inner.Count;

    public IReadOnlyList<ExampleTensor> Inputs { get; }

    public ExampleTensor Labels => inner.Labels;

    public void Fill(ReadOnlySpan<int> indices, Batch batch)
    {
        var example = new Batch(inner, capacity: 1);
        for (int row = 0; row < indices.Length; row++)
        {
            inner.Fill(indices.Slice(row, 1), example);
            fit.Apply(example.Inputs[0].Floats, batch.Inputs[0].FloatsOf(row), Inputs[0].Blank);
            batch.Labels.CopyRow(example.Labels, row);
        }
        batch.Count = indices.Length;
    }

    public void CheckLabels(long classes) => inner.CheckLabels(classes);
}
