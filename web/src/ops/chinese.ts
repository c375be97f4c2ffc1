/**
 * What the service tells in English (checks, the simulator, the ways between steps), in Chinese.
 *
 * The service speaks one language, as its command line does; here each sentence is known by its shape. One that
 * is not known stays as it is: an English sentence is better than none.
 */

type Rule = readonly [RegExp, string];

/** What is spoken of stands in front. */
const PLACES: readonly Rule[] = [
  [/^step (`[^`]+`): (.*)$/, "步骤"],
  [/^queue (`[^`]+`): (.*)$/, "队列"],
  [/^hotline (\S+): (.*)$/, "热线"],
  [/^calendar (`[^`]+`): (.*)$/, "日历"],
];

const CHECKS: readonly Rule[] = [
  [/^and (\d+) more mistakes from here on$/, "此后还有 $1 处错误"],
  [/^there is no step `([^`]+)`$/, "没有步骤 `$1`"],
  [/^there is no flow `?([^`]+)`?$/, "没有流程 `$1`"],
  [/^there is no recorded prompt `([^`]+)` in prompts\/$/, "prompts/ 里没有录音 `$1`"],
  [/^no step leads here$/, "没有任何步骤通向这里"],
  [/^goes round without ever asking the caller \((.*)\)$/, "绕圈而从不询问来电人（$1）"],
  [/^a caller who presses nothing goes round here \((.*)\)$/, "不按键的来电人会在这里一直绕圈（$1）"],
  [/^(.*): nothing in English, which callers can have chosen here$/, "$1：没有英语，而来电人到这里可能已选英语"],
  [/^(.*): nothing in Chinese, which callers can have chosen here$/, "$1：没有中文，而来电人到这里可能已选中文"],
  [/^(.*): `([^`]+)` may not be dialled: the setting dial_out_allow does not hold it$/, "$1：`$2` 不允许外呼：设置 dial_out_allow 里没有它"],
  [/^(.*): `([^`]+)` is no number that exists$/, "$1：`$2` 不是有效的电话号码"],
  [/^(.*): `([^`]+)` is an emergency number: the caller must dial it$/, "$1：`$2` 是紧急号码，只能由来电人自己拨打"],
  [/^(.*): `([^`]+)` is a hotline of ours$/, "$1：`$2` 是我们自己的热线"],
  [/^cannot be read: (.*)$/, "无法读取：$1"],
  [/^this file is missing from the flows folder$/, "流程文件夹里没有这个文件"],
  [/^flow files end in \.yaml$/, "流程文件名应以 .yaml 结尾"],
  [/^more than (\d+) flow files$/, "流程文件超过 $1 个"],
  [/^(.*): there is no trunk `([^`]+)`$/, "$1：没有中继 `$2`"],
  [/^(.*): there is no music `([^`]+)`$/, "$1：没有等候音乐 `$2`"],
  [/^(.*): more than (\d+)$/, "$1：超过 $2 条"],
  [/^(.*): exactly one of `by` and `to` is needed$/, "$1：`by` 和 `to` 要写且只写一个"],
  [/^(.*): (\S+) s is not later than the step before$/, "$1：$2 秒不晚于上一条"],
  [/^(.*): nested too deeply$/, "$1：嵌套太深"],
  [/^variable `([^`]+)` is never set$/, "变量 `$1` 从未赋值"],
  [/^variable `([^`]+)` is not known before the flow begins$/, "流程开始前没有变量 `$1`"],
  [/^variable `([^`]+)` is secret$/, "变量 `$1` 是保密的"],
  [/^does not say what it does$/, "没有写明做什么"],
  [/^says both `([^`]+)` and `([^`]+)`$/, "同时写了 `$1` 和 `$2`"],
  [/^flow `([^`]+)` calls itself through `([^`]+)`$/, "流程 `$1` 通过 `$2` 调用了自己"],
  [/^flow `([^`]+)` is also in (.*)$/, "流程 `$1` 在 $2 里也有"],
  [/^not valid YAML: could not find expected ':'$/, "不是正确的 YAML：这里缺少冒号"],
  [/^not valid YAML: mapping values are not allowed.*$/, "不是正确的 YAML：这里不能有冒号（文字里有冒号时请加引号）"],
  [/^not valid YAML: did not find expected key$/, "不是正确的 YAML：这里应是 `名称: 值`，请看缩进"],
  [/^not valid YAML: did not find expected ',' or '([}\]])'$/, "不是正确的 YAML：缺少逗号或 $1"],
  [/^not valid YAML: did not find expected '-' indicator$/, "不是正确的 YAML：列表里缺少短横线"],
  [/^not valid YAML: did not find expected node content$/, "不是正确的 YAML：这里应有内容"],
  [/^not valid YAML: block sequence entries are not allowed.*$/, "不是正确的 YAML：这里不能写列表"],
  [/^not valid YAML: found (?:unexpected end of stream|unexpected document indicator)$/, "不是正确的 YAML：引号或括号没有结束"],
  [/^not valid YAML: found character that cannot start any token$/, "不是正确的 YAML：不能以此字符开头（请加引号，且不用制表符）"],
  [/^not valid YAML: found a tab character.*$/, "不是正确的 YAML：缩进要用空格，不能用制表符"],
  [/^not valid YAML: found unknown escape character$/, "不是正确的 YAML：引号里的反斜杠写法不对"],
  [/^not valid YAML: control characters are not allowed$/, "不是正确的 YAML：含有控制字符"],
  [/^not valid YAML: (.*)$/, "不是正确的 YAML：$1"],
  [/^not UTF-8 text$/, "不是 UTF-8 文本"],
  [/^the file is empty$/, "文件是空的"],
  [/^larger than (\d+) KiB$/, "超过 $1 KiB"],
  [/^too large or nested too deeply$/, "太大或嵌套太深"],
  [/^(anchors|aliases) are not allowed$/, "不允许使用锚点和别名"],
  [/^tags such as (.*) are not allowed$/, "不允许使用 $1 这样的标签"],
  [/^a second document begins here$/, "这里开始了第二个文档"],
  [/^a name is expected before the colon$/, "冒号前应是名称"],
  [/^a step cannot be called `end`$/, "步骤不能叫 `end`"],
  [/^test `([^`]+)`: step `([^`]+)` was not passed in its place; the way was (.*)$/, "自测 `$1`：没有按顺序经过步骤 `$2`；实际路径：$3"],
  [/^test `([^`]+)`: it ended in `([^`]+)`, not `([^`]+)`; the way was (.*)$/, "自测 `$1`：结束于 `$2`，应为 `$3`；实际路径：$4"],
  [/^test `([^`]+)`: (.*)$/, "自测 `$1`：$2"],
  [/^`([^`]+)` is no hotline number$/, "`$1` 不是热线号码"],
  [/^(.*): `([^`]*)` is missing$/, "$1：缺少 `$2`"],
  [/^(.*): `([^`]*)` is not known(?: here)?$/, "$1：不认识 `$2`"],
  [/^`([^`]*)` is not known(?: here)?$/, "不认识 `$1`"],
  [/^`([^`]*)` is missing$/, "缺少 `$1`"],
  [/^(.*): `([^`]*)` stands twice \(first in line (\d+)\)$/, "$1：`$2` 重复（首次在第 $3 行）"],
  [/^(.*): `([^`]*)` is no key$/, "$1：`$2` 不是按键"],
  [/^(.*): `([^`]*)` is no day$/, "$1：`$2` 不是星期"],
  [/^(.*): `([^`]*)` is no date$/, "$1：`$2` 不是日期"],
  [/^(.*): `([^`]*)` is no time of day$/, "$1：`$2` 不是时刻"],
  [/^(.*): `([^`]*)` is no telephone number$/, "$1：`$2` 不是电话号码"],
  [/^(.*): `([^`]*)` is not a name$/, "$1：`$2` 不能作名称"],
  [/^(.*): `([^`]*)` is not a variable's name$/, "$1：`$2` 不能作变量名"],
  [/^(.*): no queue `([^`]*)` in queues\.yaml$/, "$1：queues.yaml 里没有队列 `$2`"],
  [/^(.*): no calendar `([^`]*)`$/, "$1：没有日历 `$2`"],
  [/^(.*): no hotline (\S+) in hotlines\.yaml$/, "$1：hotlines.yaml 里没有热线 $2"],
  [/^(.*): a whole number from (\S+) to (\S+) is expected$/, "$1：应为 $2 到 $3 的整数"],
  [/^(.*): a time is expected$/, "$1：应为时长"],
  [/^(.*): (\S+) s is out of range$/, "$1：$2 秒超出范围"],
  [/^(.*): hours are expected$/, "$1：应为时间段"],
  [/^(.*): a text is expected$/, "$1：应为文字"],
  [/^(.*): a list is expected$/, "$1：应为列表"],
  [/^(.*): a list of `name: value` is expected$/, "$1：应为 `名称: 值` 的列表"],
  [/^(.*): true or false is expected$/, "$1：应为 true 或 false"],
  [/^(.*): one value is expected$/, "$1：应为一个值"],
  [/^(.*): nothing is said$/, "$1：没有要说的话"],
  [/^(.*): a menu without a key$/, "$1：菜单没有按键"],
  [/^(.*): a branch without a condition$/, "$1：条件分支没有条件"],
  [/^(.*): secret digits must not be read back$/, "$1：保密号码不能复述"],
  [/^(.*): what is looked up is not clear$/, "$1：没有写明查询什么"],
  [/^(.*): a condition is expected$/, "$1：应为条件"],
  [/^(.*): a brace that is no variable$/, "$1：花括号里不是变量"],
  [/^(.*): `\|(\w+)` is not known$/, "$1：不认识 `|$2`"],
  [/^(.*): a step is a list of `name: value`$/, "$1：步骤应写成 `名称: 值` 的列表"],
  [/^(.*): one of number, agent, hotline is expected$/, "$1：应写 number、agent、hotline 之一"],
  [/^(.*): `week` or `shifts` is missing$/, "$1：缺少 `week` 或 `shifts`"],
  [/^(.*): there is no flow `([^`]+)`$/, "$1：没有流程 `$2`"],
  [/^(.*): there is no step$/, "$1：没有步骤"],
  [/^(.*): no words$/, "$1：没有写文字"],
  [/^(.*): longer than (\d+) characters(?:; split it into several steps)?$/, "$1：超过 $2 个字"],
  [/^(.*): `([^`]*)` leaves the prompts folder$/, "$1：`$2` 不在录音文件夹内"],
  [/^(.*): min (\d+) is more than max (\d+)$/, "$1：最少位数 $2 大于最多位数 $3"],
  [/^(.*): a number from (\S+) to (\S+) is expected$/, "$1：应为 $2 到 $3 的数"],
  [/^(.*): comfort is the same for everybody$/, "$1：等候语对每个人都一样，不能用变量"],
  [/^(.*): a queue cannot overflow into itself$/, "$1：队列不能溢出到自己"],
  [/^(.*): busy_flow `([^`]+)` has a (\w+) step, `([^`]+)`$/, "$1：全忙流程 `$2` 里有 $3 步骤 `$4`"],
  [/^(.*): a sum needs two numbers \(or two texts with \+\)$/, "$1：算式需要两个数（+ 也可连接两段文字）"],
  [/^(.*): after `in` write a list such as \[1, 2\] or a text$/, "$1：in 后面应为列表（如 [1, 2]）或文字"],
  [/^(.*): `([^`]+)` is not a function here; there are (.*)$/, "$1：没有函数 `$2`，可用：$3"],
  [/^(.*): `([^`]+)` takes (\d+) values?$/, "$1：`$2` 需要 $3 个值"],
  [/^(.*): only variables, numbers, texts in quotes.*$/, "$1：只能用变量、数字、引号里的文字、比较、and/or/not、in、+ - * 和给出的函数"],
  [/^(.*): compare with ==, !=, <, <=, >, >= or in$/, "$1：请用 ==、!=、<、<=、>、>= 或 in 比较"],
  [/^(.*): not an expression(?:; compare with ==)?$/, "$1：不是条件（相等用 ==）"],
  [/^(.*): a (\w+) is compared with a (\w+); .*$/, "$1：$2 与 $3 不能比较，请写 number(…) 或给数字加引号"],
];

const HINTS: readonly Rule[] = [
  [/^did you mean `([^`]+)`\?$/, "是不是 `$1`？"],
  [/^there are: (.*); or put recordings in (.*)$/, "可用：$1；或把录音放进 $2"],
  [/^there are: (.*)$/, "可用：$1"],
  [/^there are (\d+)$/, "共有 $1 个"],
  [/^correct those above first$/, "请先改正上面的"],
  [/^there are none$/, "还没有"],
  [/^keep one$/, "留下一个"],
  [/^link it from another step or remove it$/, "从别的步骤连过来，或删除它"],
  [/^let it end, or put a menu or a queue into it$/, "让它结束，或加入菜单或排队"],
  [/^correct the flow or the test$/, "改正流程或自测"],
  [/^check indentation, colons and quotes here$/, "检查这里的缩进、冒号和引号"],
  [/^add `(.*): …`$/, "加上 `$1: …`"],
  [/^write the words$/, "写上要说的话"],
  [/^end it after a while$/, "请设法结束"],
  [/^add `(\S+): …`; until then one hears it in (Chinese|English)$/, "加上 `$1: …`；在此之前听到的是另一种语言"],
  [/^add `(\S+): …`; until then one sees it in (Chinese|English)$/, "加上 `$1: …`；在此之前看到的是另一种语言"],
  [/^add (\S+) to CALLCENTER_DIAL_OUT_ALLOW, or name another number$/, "在 CALLCENTER_DIAL_OUT_ALLOW 里加上 $1，或换一个号码"],
  [/^write it as it is dialled here, or with \+ and the country$/, "按本地拨法写，或写 + 和国家代码"],
  [/^say so instead$/, "改为播报提示"],
  [/^write `(.*)`: its flow is entered at once$/, "写成 `$1`，会直接进入它的流程"],
  [/^add `over: 60s`, for length `over: 20`$/, "加上 `over: 60s`；length 时写 `over: 20`"],
  [/^add `(.*)`$/, "加上 `$1`"],
  [/^correct its permissions$/, "改正它的权限"],
  [/^e\.g\. `(.*)`$/, "如 `$1`"],
  [/^keep the important ones$/, "留下重要的"],
  [/^leave \{variables\} out$/, "不要用 {变量}"],
  [/^list them in order$/, "按时间先后写"],
  [/^name another, or leave `to` out$/, "换一个队列，或不写 `to`"],
  [/^remove some$/, "删去一些"],
  [/^rename it to (.*)$/, "改名为 $1"],
  [/^write a text, or one each for (.*) and (.*)$/, "写一段文字，或分别写 $1 和 $2"],
  [/^write it as 5s, 2m or 1h$/, "写成 5s、2m 或 1h"],
  [/^write it out$/, "直接写出来"],
  [/^from (\S+) s to (\S+) s$/, "$1 到 $2 秒"],
  [/^make two steps of it$/, "分成两个步骤"],
  [/^keys are 0 to 9, \* and #$/, "按键为 0 到 9、* 和 #"],
  [/^write keys: \{1: step\}$/, "写 keys: {1: 步骤}"],
  [/^begin each line with a dash$/, "每行以短横线开头"],
  [/^write one below the other, indented$/, "逐行缩进写"],
  [/^write it on the same line$/, "写在同一行"],
  [/^secret digits may only be used in lookup and branch$/, "保密号码只能用于查询和条件"],
  [/^remove it(?: or write a flow)?$/, "删除它"],
  [/^save the file as UTF-8$/, "存为 UTF-8"],
  [/^put the text in quotes$/, "给文字加引号"],
  [/^one flow a file: remove the ---$/, "一个文件一个流程：删去 ---"],
  [/^write at least one$/, "至少写一个"],
  [/^give one of them another name$/, "给其中一个换个名称"],
  [/^a flow cannot contain itself; use `next` to go back$/, "流程不能包含自己；用 next 返回"],
  [/^`end` ends a flow; choose another name$/, "`end` 用来结束流程，请换个名称"],
  [/^write \{name\} or \{name\|digits\}$/, "写 {变量} 或 {变量|digits}"],
  [/^write - \{when: …, go: …\}$/, "写 - {when: …, go: …}"],
  [/^write 09:00-18:00.*$/, "写成 09:00-18:00、20:00-08:00 或 closed"],
  [/^write 2026-12-31$/, "写成 2026-12-31"],
  [/^write mon, mon-fri, sat-sun or daily$/, "写 mon、mon-fri、sat-sun 或 daily"],
  [/^from 00:00 to 24:00$/, "从 00:00 到 24:00"],
  [/^digits only.*$/, "只能是数字"],
  [/^digits, \+ in front at most$/, "数字，前面最多一个 +"],
  [/^exchange them$/, "对调两者"],
  [/^name a file inside it$/, "请用文件夹里的文件"],
  [/^begin with play:, menu:, queue: …$/, "以 play:、menu:、queue: 等开头"],
  [/^begin with one of (.*)$/, "以 $1 之一开头"],
  [/^write one of (.*)$/, "写 $1 之一"],
  [/^use letters, digits(?:, _ and -, a letter first| and _)$/, "用字母、数字和下划线，字母开头"],
  [/^remove confirm or secret$/, "去掉 confirm 或 secret"],
  [/^use play, menu, callback, language and hangup only$/, "只能用 play、menu、callback、language、hangup"],
  [/^create it; the manual shows one$/, "请新建，手册里有例子"],
  [/^split it into several (flows|steps)$/, "拆成几个"],
];

const SIMULATED: readonly Rule[] = [
  [/^keys: (.*); write keys such as.*$/, "按键 $1 写法不对：1 或 123# 为按键，w5 等 5 秒，另有 done、overflow、fail、hangup"],
  [/^at: (.*) is no time; write (.*)$/, "$1 不是时间，请写成 $2"],
  [/^waits in the queue (\S+), priority (\d+)$/, "进入队列 $1 等候，优先级 $2"],
  [/^leaves the queue (\S+)$/, "离开队列 $1"],
  [/^is transferred to number (\S+)$/, "转接到号码 $1"],
  [/^is transferred to agent (\S+)$/, "转接到坐席 $1"],
  [/^is to be called back on (\S+), not before (.*)$/, "登记回电 $1，不早于 $2"],
  [/^is to be called back on (\S+)$/, "登记回电 $1"],
  [/^is recorded \((\w+), at most (\d+) s\)$/, "录音（最长 $2 秒）"],
  [/^rates (\w+): (\d)$/, "评分 $2"],
  [/^looks up customer: found$/, "查询客户：查到"],
  [/^looks up customer: not found$/, "查询客户：没有查到"],
  [/^looks up case: found$/, "查询工单：查到"],
  [/^looks up case: not found$/, "查询工单：没有查到"],
  [/^the caller hangs up$/, "来电人挂机"],
  [/^flow_ended$/, "流程结束"],
  [/^language (\S+)$/, "语言 $1"],
  [/^(\S+) → agent_left$/, "坐席服务结束"],
  [/^(\S+) → overflow$/, "排队溢出"],
  [/^(\S+) → done$/, "已完成"],
  [/^(\S+) → failed$/, "没有成功"],
  [/^left: agent_left$/, "坐席已挂断，来电人仍在线"],
  [/^left: done$/, "这一环节正常结束"],
  [/^left: failed$/, "这一环节没有成功"],
  [/^left: overflow$/, "因溢出离开"],
  [/^left: (.*)$/, "离开：$1"],
  [/^timeout$/, "没有按键"],
  [/^invalid(?:: (.*))?$/, "按键无效"],
  [/^open(?:: (.*))?$/, "营业时间内"],
  [/^closed(?:: (.*))?$/, "营业时间外"],
  [/^found(?:: (.*))?$/, "查到"],
  [/^not_found$/, "没有查到"],
  [/^error(?:: (.*))?$/, "出错"],
  [/^case: (.*)$/, "条件：$1"],
];

const WAYS: Readonly<Record<string, string>> = {
  timeout: "超时", invalid: "错键", open: "开放", closed: "关闭", holiday: "节假日", found: "查到", "not found": "没查到",
  else: "其他", "agent left": "坐席挂断后", overflow: "溢出", error: "出错", next: "",
};

function by(rules: readonly Rule[], said: string): string {
  for (const [shape, put] of rules) if (shape.test(said)) return said.replace(shape, put);
  return said;
}

/** What is said of a step as a whole has the shape of what is said of one of its keys, without the key. */
function inStep(said: string): string {
  const found = by(CHECKS, said);
  return found === said ? by(CHECKS, `-: ${said}`).replace(/^-[:：] ?/, "") : found;
}

export function check(said: string): string {
  for (const [shape, what] of PLACES) {
    const place = shape.exec(said);
    if (place) return `${what} ${place[1]}：${inStep(place[2]!)}`;
  }
  return by(CHECKS, said);
}

export const hint = (said: string): string => by(HINTS, said);
export const simulated = (said: string): string => by(SIMULATED, said);

/** The words on an arrow: several ways to the same step stand together. */
export function ways(label: string, chinese: boolean): string {
  return label
    .split(", ")
    .map((one) => (one.startsWith("key ") ? `⌨ ${one.slice(4)}` : chinese ? (WAYS[one] ?? one) : one === "next" ? "" : one))
    .filter(Boolean)
    .join(" · ")
    .replaceAll(" · ⌨ ", " ");
}
