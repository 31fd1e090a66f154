using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrainingHost.Models;

/// <summary>A model that takes raw images, or the columns of a table, and gives the probabilities of classes, or numbers.</summary>
/// <param name="Model">One input [N, C, H, W] of pixels 0 … 255, in Float or UInt8, or [N, C] of columns; one output.</param>
/// <param name="Preprocessing">What is inside it: the images' size or the columns' names, the names of the classes.</param>
internal sealed record PredictionModel(Model Model, Preprocessing Preprocessing)
{
    /// <summary>Whether it takes the columns of a table.</summary>
    public bool IsOfTables => Preprocessing.Columns is not null;

    /// <summary>Whether its output is the probabilities of classes, else it is numbers.</summary>
    public bool GivesClasses => Model.Graph.Outputs[0].Producer?.Op.Type is "Softmax" or "Sigmoid";

    /// <param name="path">A run's folder, or a model that export or train wrote.</param>
    /// <param name="weights">Other weights than those of the folder; null for its own.</param>
    /// <exception cref="GraphRewriteException">What is to be done to raw data is not known, or the model is for other things.</exception>
    public static PredictionModel Open(string path, ChosenWeights? weights = null)
    {
        PredictionModel opened = Directory.Exists(path) ? OfFolder(path, weights) : OfFile(path);
        return opened.Model.Graph.Inputs.Count == 1 ? opened
            : throw new GraphRewriteException($"{path}: has {opened.Model.Graph.Inputs.Count} inputs; predict takes images or tables, for one.");
    }

    private static PredictionModel OfFolder(string folder, ChosenWeights? weights)
    {
        Preprocessing preprocessing = DeployedModel.PreprocessingOf(folder) ?? throw Unknown(folder, $"it holds no {Preprocessing.File}");
        TrainingArtifacts artifacts = OpenedArtifacts.Read(folder, new(), weights);
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        Model inference = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        OutputActivation activation = OutputActivations.InLoss(artifacts.Evaluation, artifacts.Prediction);
        return new(PreprocessedModel.Of(inference, preprocessing, activation), preprocessing);
    }

    private static PredictionModel OfFile(string file)
    {
        Model model = OnnxReader.Read(file);
        if (model.Metadata.GetValueOrDefault(Preprocessing.Property) is not { } json)
            throw Unknown(file, $"its metadata has no '{Preprocessing.Property}'");
        Preprocessing preprocessing = Preprocessing.FromJson(json, file);
        if (DeployedModel.HasPreprocessingInside(model)) return new(model, preprocessing);
        // A model that does not say what its output is comes from an earlier version: of images, from a classifier.
        OutputActivation usual = preprocessing.Columns is null ? OutputActivation.Softmax : OutputActivation.None;
        return new(PreprocessedModel.Of(model, preprocessing, DeployedModel.ActivationOf(model) ?? usual), preprocessing);
    }

    private static GraphRewriteException Unknown(string path, string why) => new(
        $"{path}: what is to be done to raw data before this model is not known: {why}. "
        + "Give the folder of a run on images or tables, or a model that export wrote.");
}
