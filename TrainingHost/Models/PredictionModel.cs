using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrainingHost.Models;

/// <summary>A model that takes raw images and gives the probabilities of classes.</summary>
/// <param name="Model">One input [N, C, H, W] of pixels 0 … 255, in Float or UInt8; one output [N, classes].</param>
/// <param name="Preprocessing">What is inside it: the images' size, the names of the classes.</param>
internal sealed record PredictionModel(Model Model, Preprocessing Preprocessing)
{
    private const string Inside = "inside";

    /// <param name="path">A run's folder, or a model that export or train wrote.</param>
    /// <param name="weights">Other weights than those of the folder; null for its own.</param>
    /// <exception cref="GraphRewriteException">What is to be done to images is not known, or the model is for other things.</exception>
    public static PredictionModel Open(string path, ChosenWeights? weights = null)
    {
        PredictionModel opened = Directory.Exists(path) ? OfFolder(path, weights) : OfFile(path);
        if (opened.Preprocessing.Columns is not null)
            throw new GraphRewriteException($"{path}: predicts from columns of a table; predict takes images.");
        return opened.Model.Graph.Inputs.Count == 1 ? opened
            : throw new GraphRewriteException($"{path}: has {opened.Model.Graph.Inputs.Count} inputs; predict takes images, for one.");
    }

    private static PredictionModel OfFolder(string folder, ChosenWeights? weights)
    {
        Preprocessing preprocessing = DeployedModel.PreprocessingOf(folder) ?? throw Unknown(folder, $"it holds no {Preprocessing.File}");
        TrainingArtifacts artifacts = OpenedArtifacts.Read(folder, new(), weights);
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        Model inference = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        bool logits = PreprocessedModel.PredictsLogits(artifacts.Evaluation, artifacts.Prediction);
        return new(PreprocessedModel.Of(inference, preprocessing, logits), preprocessing);
    }

    private static PredictionModel OfFile(string file)
    {
        Model model = OnnxReader.Read(file);
        if (model.Metadata.GetValueOrDefault(Preprocessing.Property) is not { } json)
            throw Unknown(file, $"its metadata has no '{Preprocessing.Property}'");
        Preprocessing preprocessing = Preprocessing.FromJson(json, file);
        return model.Metadata.GetValueOrDefault(Preprocessing.PlaceProperty) == Inside ? new(model, preprocessing)
            : new(PreprocessedModel.Of(model, preprocessing, probabilities: true), preprocessing);
    }

    private static GraphRewriteException Unknown(string path, string why) => new(
        $"{path}: what is to be done to an image before this model is not known: {why}. "
        + "Give the folder of a run on images, or a model that export wrote.");
}
