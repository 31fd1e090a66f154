using System.Text;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrainingHost.Models;

/// <summary>Writes a model for inference, with what is to be done to raw data inside it, or beside it.</summary>
internal static class DeployedModel
{
    /// <summary>The metadata property of a model without its preprocessing: what its output is.</summary>
    private const string Output = "tract.output";

    private const string Inside = "inside";

    private static readonly Dictionary<OutputActivation, string> Outputs = new()
    {
        [OutputActivation.None] = "numbers",
        [OutputActivation.Softmax] = "logits",
        [OutputActivation.Sigmoid] = "binary-logits",
    };

    /// <summary>Whether a model takes raw data.</summary>
    public static bool HasPreprocessingInside(Model model) => model.Metadata.GetValueOrDefault(Preprocessing.PlaceProperty) == Inside;

    /// <summary>What makes probabilities of the output of a model that was written without its preprocessing; null where that is not said.</summary>
    public static OutputActivation? ActivationOf(Model model)
    {
        string? output = model.Metadata.GetValueOrDefault(Output);
        return output is not null && Outputs.ContainsValue(output) ? Outputs.First(pair => pair.Value == output).Key : null;
    }

    /// <param name="inference">Logits of normalized examples.</param>
    /// <param name="preprocessing">What is done to raw ones; null: nothing.</param>
    /// <param name="activation">What makes probabilities of its output, where the preprocessing goes inside.</param>
    /// <param name="form">Where it goes.</param>
    /// <param name="files">The set that it belongs to, which the caller commits.</param>
    /// <returns>The model that was written.</returns>
    public static Model Write(Model inference, Preprocessing? preprocessing, OutputActivation activation, DeployedForm form, AtomicFiles files)
    {
        Model written = preprocessing is null ? inference
            : form.Inside ? PreprocessedModel.Of(inference, preprocessing, activation, form.Raw)
            : PreprocessedModel.Described(inference, preprocessing);
        if (preprocessing is not null && !form.Inside) written.Metadata[Output] = Outputs[activation];
        OnnxWriter.WriteInto(files, written, form.Output, form.ExternalData);
        if (preprocessing is null || !form.WritesFile) return written;
        string folder = Path.GetDirectoryName(Path.GetFullPath(form.Output))!;
        files.Write(Path.Combine(folder, Preprocessing.File), file => file.Write(Bytes(preprocessing)));
        return written;
    }

    /// <summary>The preprocessing that a run's folder holds; null for none.</summary>
    /// <exception cref="GraphRewrite.Diagnostics.GraphRewriteException">Its file is damaged.</exception>
    public static Preprocessing? PreprocessingOf(string folder)
    {
        AtomicFiles.Repair(folder);
        string path = Path.Combine(folder, Preprocessing.File);
        return File.Exists(path) ? Preprocessing.FromJson(File.ReadAllText(path), path) : null;
    }

    /// <summary>Writes preprocessing.json into a folder; where there is none, that of another run must not stay.</summary>
    public static void Keep(Preprocessing? preprocessing, string folder)
    {
        string path = Path.Combine(folder, Preprocessing.File);
        if (preprocessing is null) File.Delete(path);
        else OutputFiles.Write(path, file => file.Write(Bytes(preprocessing)));
    }

    private static byte[] Bytes(Preprocessing preprocessing) => Encoding.UTF8.GetBytes(preprocessing.ToJson() + "\n");
}

/// <summary>How a model for inference is written.</summary>
internal sealed record DeployedForm
{
    /// <summary>The model's file.</summary>
    public required string Output { get; init; }

    /// <summary>Whether the preprocessing goes into the model.</summary>
    public bool Inside { get; init; } = true;

    /// <summary>Float or UInt8: the type of raw input, where the preprocessing goes inside.</summary>
    public ElementType Raw { get; init; } = ElementType.Float;

    /// <summary>Whether large weights go to a file beside the model.</summary>
    public bool ExternalData { get; init; }

    /// <summary>Whether preprocessing.json is written beside the model too.</summary>
    public bool WritesFile { get; init; }
}
