using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>When train saves beside the ends of epochs, and how many older checkpoints stay.</summary>
internal sealed record CheckpointPlan : ISettings
{
    /// <summary>--checkpoint-every, in steps; null for none.</summary>
    public int? EverySteps { get; init; }

    /// <summary>--checkpoint-every, in time; null for none.</summary>
    public TimeSpan? Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>--keep: checkpoints beside the last and the best one.</summary>
    public int Keep { get; init; }

    public void Validate()
    {
        Ranges.AtLeastOne("--checkpoint-every", EverySteps);
        if (Keep < 0) throw new GraphRewriteException($"--keep {Keep}: must be 0 or above.");
    }

    public bool IsDue(int step, TimeSpan sinceSave) => (EverySteps is { } steps && step % steps == 0) || (Every is { } time && sinceSave >= time);

    /// <summary>Reads --checkpoint-every: steps (500), or a time (90s, 10m, 2h).</summary>
    /// <exception cref="GraphRewriteException">It is neither.</exception>
    public static CheckpointPlan Parse(string every, int keep)
    {
        if (int.TryParse(every, CultureInfo.InvariantCulture, out int steps)) return new() { EverySteps = steps, Every = null, Keep = keep };
        TimeSpan? unit = every.Length == 0 ? null : every[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            _ => null,
        };
        if (unit is { } one && double.TryParse(every[..^1], CultureInfo.InvariantCulture, out double count) && count is > 0 and < 1e6)
            return new() { Every = one * count, Keep = keep };
        throw new GraphRewriteException($"--checkpoint-every {every}: give steps (500) or a time (90s, 10m, 2h).");
    }
}
