using System.Globalization;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Reporting;

namespace TrainingHost.Runs;

/// <summary>
/// What a run leaves, and all that it needs to go on: the artifacts that it trains (ONNX Runtime Training loads them too) with the last checkpoint,
/// its settings, the metrics, other checkpoints, models for inference, a report.
/// </summary>
/// <param name="path">The folder.</param>
internal sealed class RunFolder(string path)
{
    public const string SettingsFile = "settings.json";
    public const string ReportFile = "report.html";
    public const string ModelFile = "model.onnx";
    public const string LastModelFile = "model.last.onnx";
    public const string PlotsFolder = "plots";
    private const string CheckpointsFolder = "checkpoints";

    private static readonly string[] Own =
    [
        SettingsFile, ArtifactFiles.Training, ArtifactFiles.Evaluation, ArtifactFiles.Optimizer, ArtifactFiles.Checkpoint,
        JsonLines.FileName, CsvMetrics.FileName, ModelFile, LastModelFile, ReportFile, Preprocessing.File, CheckpointsFolder, PlotsFolder,
    ];

    public string Root { get; } = path;

    public string Settings => Path.Combine(Root, SettingsFile);

    /// <summary>The last checkpoint: where the run goes on.</summary>
    public string Last => Path.Combine(Root, ArtifactFiles.Checkpoint);

    /// <summary>The best checkpoint by the validation set.</summary>
    public string Best => Path.Combine(Root, CheckpointsFolder, "best");

    public string Metrics => Path.Combine(Root, JsonLines.FileName);

    /// <summary>The model for inference with the weights that the run's own test took.</summary>
    public string Model => Path.Combine(Root, ModelFile);

    /// <summary>The same with the last weights, where those are others.</summary>
    public string LastModel => Path.Combine(Root, LastModelFile);

    public string Report => Path.Combine(Root, ReportFile);

    public string Plots => Path.Combine(Root, PlotsFolder);

    /// <summary>Whether a run began here: its settings are the last that is written before it does.</summary>
    public bool HoldsRun => File.Exists(Settings);

    /// <summary>A checkpoint that is kept beside the last one.</summary>
    public string AtStep(long step) => Path.Combine(Root, CheckpointsFolder, string.Create(CultureInfo.InvariantCulture, $"step-{step:000000}"));

    /// <summary>The checkpoints of <see cref="AtStep"/>, oldest first.</summary>
    public IReadOnlyList<string> Kept
    {
        get
        {
            string folder = Path.Combine(Root, CheckpointsFolder);
            if (!Directory.Exists(folder)) return [];
            return [.. Directory.GetFiles(folder, "step-*").Where(file => long.TryParse(StepOf(file), CultureInfo.InvariantCulture, out _))
                .OrderBy(file => long.Parse(StepOf(file), CultureInfo.InvariantCulture))];

            static string StepOf(string file) => Path.GetFileName(file)["step-".Length..];
        }
    }

    /// <summary>A new run's folder: the one that is given, or the next free number under a base.</summary>
    /// <param name="output">--output, exact; null for a number.</param>
    /// <param name="under">Where numbered runs lie.</param>
    /// <param name="overwrite">Whether a run that is there may go.</param>
    /// <exception cref="GraphRewriteException">The folder holds something that a run would replace.</exception>
    public static RunFolder New(string? output, string under, bool overwrite)
    {
        if (output is null) return new(NextNumber(under));
        Repair(output);
        var folder = new RunFolder(output);
        if (Array.Find(Own, file => Path.Exists(Path.Combine(output, file))) is not { } present || overwrite) return folder;
        throw new GraphRewriteException(folder.HoldsRun
            ? $"--output {output}: holds a run already. Go on with it by --resume {output}, replace it by --overwrite, or give another folder."
            : $"--output {output}: holds {present} already, which a run would replace. Give another folder, or --overwrite.");
    }

    /// <summary>A run that is there.</summary>
    /// <exception cref="GraphRewriteException">There is none.</exception>
    public static RunFolder Existing(string path)
    {
        Repair(path);
        var folder = new RunFolder(path);
        if (folder.HoldsRun) return folder;
        throw new GraphRewriteException(
            !Directory.Exists(path) ? $"--resume {path}: no such folder."
            : File.Exists(folder.Last) ? $"--resume {path}: has no {SettingsFile}: no run of this version, or one that was killed before it began. "
                + "Train it anew: give the folder as the model, and another --output."
            : $"--resume {path}: holds no run.");
    }

    /// <summary>
    /// Finishes what killed processes have begun in a folder: files that belong together are replaced whole, and a run that another was to replace is
    /// there again where that one never began.
    /// </summary>
    /// <param name="path">The folder; it need not be there.</param>
    /// <exception cref="GraphRewriteException">A file cannot be moved, or another process is about to replace the run.</exception>
    public static void Repair(string path)
    {
        AtomicFiles.Repair(path);
        if (!ReplacedFiles.AreIn(path)) return;
        using (RunLock.Take(path)) new RunFolder(path).Clean();
    }

    /// <summary>The forward model that a path is, or that the run in it was begun with, where that file is still the same; null for none.</summary>
    public static Model? ForwardModelOf(string path)
    {
        if (File.Exists(path)) return OnnxReader.Read(path);
        var folder = new RunFolder(path);
        if (!folder.HoldsRun) return null;
        RunModel model = RunSettings.Read(folder.Settings).Model;
        return File.Exists(model.Path) && RunModel.Of(model.Path) == model ? OnnxReader.Read(model.Path) : null;
    }

    /// <summary>Finishes what killed processes have begun to replace, and takes away what else they have left.</summary>
    public void Clean()
    {
        ReplacedFiles.Repair(Root, Own, SettingsFile);
        foreach (string folder in new[] { Root, Path.Combine(Root, CheckpointsFolder), Plots }) AtomicFiles.Clean(folder);
    }

    /// <summary>Makes room for another run: what is here comes back when the result is disposed, unless that one has begun by then.</summary>
    public ReplacedFiles PutAside() => ReplacedFiles.PutAside(Root, Own, SettingsFile);

    private static string NextNumber(string under)
    {
        int last = Directory.Exists(under)
            ? Directory.GetDirectories(under)
                .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int number) ? number : 0)
                .DefaultIfEmpty().Max()
            : 0;
        for (int number = last + 1; ; number++)
        {
            string path = Path.Combine(under, number.ToString("000", CultureInfo.InvariantCulture));
            if (RunLock.Claims(path)) return path;
        }
    }
}
