using System.CommandLine;

namespace TrainingHost.Commands;

/// <summary>Options that belong together, under a heading of --help.</summary>
internal sealed record OptionGroup(string Heading, IReadOnlyList<Option> Options);

/// <summary>A command line, without the program's name, and what it does.</summary>
internal sealed record Example(string Arguments, string Does);

/// <summary>A verb: a command whose help has its options in groups, and examples.</summary>
internal sealed class VerbCommand(string name, string description) : Command(name, description)
{
    private readonly List<OptionGroup> groups = [];

    /// <summary>The groups in the order of their headings' first options.</summary>
    public IReadOnlyList<OptionGroup> Groups => groups;

    public IReadOnlyList<Example> Examples { get; init; } = [];

    /// <summary>Adds options under a heading.</summary>
    public void Add(string heading, params IReadOnlyList<Option> options)
    {
        foreach (Option option in options) Add(option);
        int known = groups.FindIndex(group => group.Heading == heading);
        if (known < 0) groups.Add(new(heading, options));
        else groups[known] = new(heading, [.. groups[known].Options, .. options]);
    }
}
