using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrainingHost.Data;

namespace TrainingHost.Models;

/// <summary>The data of a run, made to fit the model's inputs.</summary>
/// <param name="Training">Examples to train on.</param>
/// <param name="Test">Examples to test on, where there are any.</param>
/// <param name="Notes">What was done to make them fit.</param>
internal sealed record ModelData(IDataset Training, IDataset? Test, IReadOnlyList<string> Notes)
{
    private const int SyntheticExamples = 1024;

    /// <param name="source">--data.</param>
    /// <param name="model">The model.</param>
    /// <param name="seed">Of synthetic data.</param>
    /// <exception cref="GraphRewriteException">The data does not fit the model.</exception>
    public static ModelData Open(string source, TrainableModel model, int seed)
    {
        if (source == DataSource.Synthetic) return new(Synthetic(model, seed), null, ["Synthetic data: random inputs and labels."]);
        IReadOnlyList<Value> inputs = model.BatchInputs;
        if (inputs.Count != 2)
        {
            string names = string.Join(", ", inputs.SkipLast(1).Select(input => input.Name));
            throw new GraphRewriteException(
                $"{model.Path}: the model has {inputs.Count - 1} inputs ({names}), --data {source} brings one. Train it with --data synthetic.");
        }
        DataSplit split = DataSource.Open(source);
        if (model.Classes is not { } classes)
        {
            string labels = $"the labels '{inputs[^1].Name}' are {inputs[^1].Type}{inputs[^1].Shape}";
            throw new GraphRewriteException($"{model.Path}: {labels}, --data {source} brings classes. Train it with --data synthetic.");
        }
        split.Training.CheckLabels(classes);
        split.Test?.CheckLabels(classes);
        Shape shape = inputs[0].Shape ?? throw new GraphRewriteException($"{model.Path}: the input '{inputs[0].Name}' declares no shape.");
        var fit = InputFit.To(inputs[0].Name, inputs[0].Type, shape, split.Training.Inputs[0]);
        IDataset Fit(IDataset data) => fit.Dims.SequenceEqual(data.Inputs[0].Dims) ? data : new FittedDataset(data, inputs[0].Name, fit);
        return new(Fit(split.Training), split.Test is { } test ? Fit(test) : null, [fit.Description]);
    }

    private static SyntheticDataset Synthetic(TrainableModel model, int seed)
    {
        SyntheticTensor[] tensors = SyntheticInputs.Of(model.Training, model.Prediction, $"--data {DataSource.Synthetic}");
        return new(tensors[..^1], tensors[^1], SyntheticExamples, seed);
    }
}
