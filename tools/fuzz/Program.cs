using System.CommandLine;
using System.Globalization;
using Fuzz;
using TrActOnnx.Tests.Fuzz;
using TrainingHost.Reporting;

if (args is ["--child", string name, string childSeed, string from, string to, string file])
{
    LimitVariables.Read();
    FuzzTarget own = FuzzTarget.All.Single(target => target.Name == name);
    return Child.Run(own, Number(childSeed), Number(from), Number(to), file);
}

var mutations = new Option<long>("--mutations") { Description = "How many in all.", DefaultValueFactory = _ => 1_000_000 };
var seed = new Option<int>("--seed") { Description = "The same seed makes the same mutations.", DefaultValueFactory = _ => 1 };
var jobs = new Option<int>("--jobs") { Description = "Processes at a time.", DefaultValueFactory = _ => Environment.ProcessorCount };
string known = string.Join(", ", FuzzTarget.All.Select(target => target.Name));
var only = new Option<string[]>("--target") { Description = $"One of {known}; all by default." };
var one = new Option<long?>("--one") { Description = "Does this mutation of the target alone, here, and shows the exception." };
var root = new RootCommand("Damages models, artifacts, checkpoints, batches and data, and looks how the program takes it.")
{
    mutations, seed, jobs, only, one,
};
root.SetAction(parsed =>
{
    string[] names = parsed.GetValue(only) ?? [];
    FuzzTarget[] targets = [.. FuzzTarget.All.Where(target => names.Length == 0 || names.Contains(target.Name))];
    if (parsed.GetValue(one) is not { } number)
        return new Parent(targets, parsed.GetValue(mutations), parsed.GetValue(seed), parsed.GetValue(jobs)).Run() ? 0 : 1;
    Console.WriteLine(new FuzzRun(targets[0], parsed.GetValue(seed)).One(number));
    return 0;
});
return root.Parse(args).Invoke();

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
