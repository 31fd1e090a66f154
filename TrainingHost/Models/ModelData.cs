using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrainingHost.Models;

/// <summary>The data of a run, made to fit the model's inputs.</summary>
/// <param name="Training">Examples to train on.</param>
/// <param name="Validation">Examples that choose the best model and end a run early; null where none are held out.</param>
/// <param name="Test">Examples that are scored once, at the end, where there are any.</param>
/// <param name="Notes">What was done to make them fit.</param>
internal sealed record ModelData(IDataset Training, IDataset? Validation, IDataset? Test, IReadOnlyList<string> Notes)
{
    private const int SyntheticExamples = 1024;

    /// <summary>Names of the classes, where the data has names.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>What is done to raw examples, where that is anything: pixels are scaled and normalized, a table's columns normalized.</summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Tells this data from other: a hash of names and sizes or contents, labels, parts and statistics.</summary>
    public string Fingerprint { get; init; } = "";

    /// <param name="choice">The data and what is done to it.</param>
    /// <param name="model">The model.</param>
    /// <param name="seed">Of synthetic data, and of what is held out.</param>
    /// <param name="known">Statistics and classes of an earlier run, which hold then; null: those of the training examples.</param>
    /// <param name="say">Is told how far it is, where that takes long; null: nobody.</param>
    /// <exception cref="GraphRewriteException">The data does not fit the model.</exception>
    public static ModelData Open(DataChoice choice, TrainableModel model, int seed, Preprocessing? known = null, Action<string>? say = null)
    {
        if (choice.Data == DataSource.Synthetic)
        {
            IDataset synthetic = Synthetic(model, seed);
            return new(synthetic, null, null, ["Synthetic data: random inputs and labels."]) { Fingerprint = $"{DataSource.Synthetic}-{seed}" };
        }
        IReadOnlyList<Value> inputs = model.BatchInputs;
        DataParts parts = DataSource.Open(choice, [.. inputs.Select(input => input.Name)]);
        if (parts.Training.Inputs is ImageInputs && inputs.Count != 2)
        {
            string names = string.Join(", ", inputs.SkipLast(1).Select(input => input.Name));
            throw new GraphRewriteException($"{model.Path}: the model has {inputs.Count - 1} inputs ({names}), --data {choice.Data} brings one. "
                + "Give arrays (.npz) of the inputs' names, or --data synthetic");
        }
        var target = new LabelTarget(
            inputs[^1].Name, inputs[^1].Type, inputs[^1].Shape, model.Classes, model.Training.HasProbabilityLabels, model.IgnoredLabel);
        var labels = new LabelFit(target, parts.Training, known?.ClassNames);
        DataOpening opening = new(choice, [.. inputs.SkipLast(1)], labels, seed, known, say);
        return opening.Fit(parts);
    }

    private static SyntheticDataset Synthetic(TrainableModel model, int seed)
    {
        SyntheticTensor[] tensors = SyntheticInputs.Of(model.Training, model.Prediction, $"--data {DataSource.Synthetic}");
        return new(tensors[..^1], tensors[^1], SyntheticExamples, seed);
    }
}
