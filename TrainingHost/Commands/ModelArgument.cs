using System.CommandLine;
using System.CommandLine.Parsing;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Commands;

/// <summary>MODEL, the first argument of the verbs; --model says the same.</summary>
internal sealed class ModelArgument
{
    private readonly Argument<string?> model;
    private readonly Option<string?> option = new("--model") { Description = "The same as MODEL.", HelpName = "path" };

    /// <param name="description">What the verb takes.</param>
    public ModelArgument(string description = "A forward .onnx, a folder of training artifacts or of a run, or the name of one in models/.")
    {
        model = new("MODEL") { Description = description, Arity = ArgumentArity.ZeroOrOne };
        model.CompletionSources.Add(_ => ModelPath.Known());
        option.CompletionSources.Add(_ => ModelPath.Known());
    }

    public void AddTo(VerbCommand command)
    {
        command.Add(model);
        command.Add(option);
    }

    /// <summary>The model's path: that of a file or folder that is there.</summary>
    /// <exception cref="GraphRewriteException">None is given, or two, or there is no such model.</exception>
    public string Bind(ParseResult parsed)
    {
        string? first = parsed.GetValue(model), named = parsed.GetValue(option);
        if (first is not null && named is not null) throw new GraphRewriteException($"--model {named}: {first} is given as MODEL already.");
        return ModelPath.Find(first ?? named ?? throw new GraphRewriteException(
            $"{parsed.CommandResult.Command.Name}: which model? {ModelPath.Listing()} Any forward .onnx or folder of training artifacts will do."));
    }

    /// <summary>Whether the command line has it.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(model) is not null || parsed.GetValue(option) is not null;
}
