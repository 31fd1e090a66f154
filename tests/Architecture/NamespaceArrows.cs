using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace TrActOnnx.Tests.Architecture;

/// <summary>
/// Which namespaces of a project use each other, and by what: the types of the compiled assembly, and the <c>using</c> lines of the sources,
/// which constants and documentation need and the assembly no longer shows.
/// </summary>
/// <param name="Namespaces">All namespaces that hold types, without the project's name.</param>
/// <param name="Uses">Each arrow with what makes it: "PatchForms → Window", "Node.cs: using".</param>
internal sealed partial record NamespaceArrows(IReadOnlySet<string> Namespaces, IReadOnlyDictionary<Arrow, IReadOnlyList<string>> Uses)
{
    public static NamespaceArrows Of(Assembly assembly)
    {
        string project = assembly.GetName().Name!;
        IType[] types = [.. new ArchLoader().LoadAssembly(assembly).Build().Types.Where(type => Below(project, type) is not null)];
        IEnumerable<(Arrow Arrow, string Use)> compiled = types.SelectMany(type => type.Dependencies)
            // A generic parameter T is one type for all who declare a T.
            .Where(dependency => dependency.Target is not GenericParameter && Below(project, dependency.Target) is not null)
            .Select(dependency => (new Arrow(Below(project, dependency.Origin)!, Below(project, dependency.Target)!),
                $"{WrittenIn(dependency.Origin)} → {WrittenIn(dependency.Target)}"));

        IEnumerable<IGrouping<Arrow, string>> uses = compiled.Concat(Usings(project))
            .Where(pair => pair.Arrow.From != pair.Arrow.To).GroupBy(pair => pair.Arrow, pair => pair.Use);
        return new(
            types.Select(type => Below(project, type)!).ToHashSet(StringComparer.Ordinal),
            uses.ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.Distinct().Order(StringComparer.Ordinal)]));
    }

    /// <summary>The namespace of a project's own type without the project's name; null for other types.</summary>
    private static string? Below(string project, IType type) => Below(project, type.Namespace?.FullName ?? "");

    private static string? Below(string project, string name) =>
        $"{name}.".StartsWith($"{project}.", StringComparison.Ordinal) ? name[project.Length..].TrimStart('.') : null;

    /// <summary>What the compiler makes of a lambda or an iterator counts as the type that it stands in.</summary>
    private static string WrittenIn(IType type) => type.Name.Split('+', '<', '/')[0];

    private static IEnumerable<(Arrow Arrow, string Use)> Usings(string project) =>
        from file in Sources.Of(project)
        where file.Folder.Length > 0 // Program.cs stands above all floors
        let user = file.Folder.Replace('/', '.')
        from Match line in UsingLine().Matches(file.Text)
        let used = Below(project, line.Groups["namespace"].Value)
        where used is not null
        select (new Arrow(user, used), $"{file.Name}: using");

    [GeneratedRegex(@"^using (static |\w+ = )?(?<namespace>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
